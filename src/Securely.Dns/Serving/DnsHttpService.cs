using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text;
using Securely.Http;
using Securely.Net;

namespace Securely.Dns;

/// <summary>Questions over HTTP (RFC 8484): in the body of a POST, or as a parameter of a GET. They pass the same gate as all others.</summary>
/// <remarks>It answers from a <see cref="DnsServer"/>, which has to run before it and end after it.</remarks>
public sealed class DnsHttpService : HttpService
{
    private const string ContentType = "application/dns-message";
    private static readonly byte[] _usage = "A question is a POST with a body of type application/dns-message, or a GET with the parameter dns (RFC 8484)"u8.ToArray();
    private readonly DnsServer _server;
    private readonly byte[] _path;

    /// <summary>Makes a service; add endpoints to it before it runs.</summary>
    /// <param name="server">Answers the questions.</param>
    /// <param name="path">Where questions go. Default: <c>/dns-query</c>.</param>
    /// <param name="options">Defaults when null.</param>
    /// <param name="name">The service's name.</param>
    public DnsHttpService(DnsServer server, string path = "/dns-query", HttpServiceOptions? options = null, string name = "dns-https")
        : base(name, options)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(path);
        _server = server;
        _path = Encoding.UTF8.GetBytes(path);
    }

    /// <inheritdoc/>
    protected override object? CreateSessionState() => new Holder();

    /// <inheritdoc/>
    protected override async ValueTask HandleAsync(ServerSession session, CancellationToken shutdown)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (!session.Request.Path.SequenceEqual(_path))
        {
            await session.RespondAsync(404, "There is nothing here; questions go to " + Encoding.UTF8.GetString(_path));
            return;
        }

        var buffers = session.Connection.Worker!.Buffers;
        var (input, output) = (buffers.Rent(SlabPool.Large), buffers.Rent(SlabPool.Large));
        try
        {
            var (status, length) = session.Request.MethodKind switch
            {
                KnownMethod.Post => await ReadBodyAsync(session, input),
                KnownMethod.Get => ReadParameter(session.Request.Query, input),
                _ => (405, 0),
            };
            if (status == 200)
                await AnswerAsync(session, input.AsMemory(0, length), output);
            else
                await RefuseAsync(session, status);
        }
        finally
        {
            buffers.Return(input);
            buffers.Return(output);
        }
    }

    private static ValueTask RefuseAsync(ServerSession session, int status)
    {
        var header = new ResponseHeader(status);
        header.Headers.Set(HeaderName.ContentType, "text/plain; charset=utf-8");
        // RFC 9110, 15.5.6.
        if (status == 405)
            header.Headers.Set(HeaderName.Allow, "GET, POST");
        return session.RespondAsync(header, _usage);
    }

    private static async ValueTask<(int Status, int Length)> ReadBodyAsync(ServerSession session, byte[] input)
    {
        if (session.Request.Headers.GetAll(HeaderName.ContentType) is not [var type] || !type.Split(';')[0].Trim().Equals(ContentType, StringComparison.OrdinalIgnoreCase))
            return (415, 0);
        var length = 0;
        while (!session.IsRequestBodyEnded)
        {
            var chunk = await session.ReadBodyAsync();
            if (length + chunk.Data.Length > FieldWire.Maximum)
                return (413, 0);
            chunk.Data.Span.CopyTo(input.AsSpan(length));
            length += chunk.Data.Length;
            if (chunk.IsEnd)
                break;
        }

        return (length < 12 ? 400 : 200, length);
    }

    private static (int Status, int Length) ReadParameter(ReadOnlySpan<byte> query, byte[] input)
    {
        foreach (var range in query.Split((byte)'&'))
        {
            var parameter = query[range];
            if (!parameter.StartsWith("dns="u8))
                continue;
            if (parameter.Length > 4 * (input.Length / 3) || Base64Url.DecodeFromUtf8(parameter[4..], input, out _, out var length) != OperationStatus.Done)
                return (400, 0);
            return (length < 12 ? 400 : 200, length);
        }

        return (400, 0);
    }

    private async ValueTask AnswerAsync(ServerSession session, ReadOnlyMemory<byte> request, byte[] output)
    {
        var holder = (Holder)session.SessionState!;
        if ((holder.Responder ??= _server.MakeResponder()) is not { } responder)
        {
            await session.RespondAsync(503, "The name server has not started yet");
            return;
        }

        var remote = session.Connection.RemoteAddress ?? IPAddress.Loopback;
        var address = (remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote).GetAddressBytes();
        var length = responder.Respond(request.Span, output.AsSpan(0, FieldWire.Maximum), address, DnsTransport.Https);
        ReadOnlyMemory<byte> answer = output.AsMemory(0, length);
        // The responder serves another request while this one waits.
        var isRefused = length == 0 && !responder.TakesTime;
        if (responder.Wanted.Key is not null)
            answer = await AskOthersAsync(responder.Wanted, request.ToArray(), address);
        else if (responder.Update is { } update)
            answer = await update.StartAsync();
        else if (responder.Transfer is not null)
            answer = output.AsMemory(0, Responder.Refuse(request.Span, output));
        if (answer.IsEmpty)
        {
            await session.RespondAsync(isRefused ? 400 : 503, "There is no answer to this");
            return;
        }

        var header = new ResponseHeader(200);
        header.Headers.Set(HeaderName.ContentType, ContentType);
        header.Headers.Set(HeaderName.CacheControl, "max-age=" + Freshness(answer.Span).ToString(CultureInfo.InvariantCulture));
        await session.RespondAsync(header, answer);
    }

    private static async Task<byte[]> AskOthersAsync(ForwardOrder order, byte[] request, byte[] address)
    {
        var client = new HttpForwardClient(request, address);
        order.Ask(client);
        return await client.Answer;
    }

    // The smallest TTL of the answer, or of the lack of one (RFC 8484, 5.1).
    private static uint Freshness(ReadOnlySpan<byte> answer)
    {
        var walker = new RecordWalker(answer);
        var least = uint.MaxValue;
        for (var left = BinaryPrimitives.ReadUInt16BigEndian(answer[6..]) + BinaryPrimitives.ReadUInt16BigEndian(answer[8..]); left > 0 && walker.Next(); left--)
            least = Math.Min(least, walker.Ttl);
        return least == uint.MaxValue ? 0 : least;
    }

    // What a session object keeps from one request to the next.
    private sealed class Holder
    {
        internal Responder? Responder;
    }

    private sealed class HttpForwardClient(byte[] request, byte[] address) : ForwardClient(request, address, DnsTransport.Https)
    {
        private readonly TaskCompletionSource<byte[]> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<byte[]> Answer => _answer.Task;

        internal override void Reply(ReadOnlySpan<byte> answer) => _answer.TrySetResult(answer.ToArray());

        internal override void Drop() => _answer.TrySetResult([]);
    }
}
