using System.Buffers.Binary;
using System.Text;
using Securely.Http;

namespace Securely.Proxy.LoadBalancing;

/// <summary>
/// A backend is healthy when its service <c>grpc.health.v1.Health</c> says that it serves ("GRPC Health Checking Protocol"). Its peer has to speak
/// HTTP/2.
/// </summary>
public sealed class GrpcHealthCheck : HealthCheck
{
    private const int PrefixLength = 5;
    private const int Serving = 1;
    private const int LongestAnswer = 4096;

    private static readonly HeaderName _status = HeaderName.Parse("grpc-status");
    private static readonly HeaderName _message = HeaderName.Parse("grpc-message");

    /// <summary>The name of the service that has to be well. Default: empty, which asks for the whole server.</summary>
    public string Service { get; init; } = "";

    /// <summary>The host that is named; null, the default, names the backend's own address.</summary>
    public string? Host { get; init; }

    /// <inheritdoc/>
    public override async ValueTask CheckAsync(ClientSession session, Backend backend)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(backend);
        var request = new RequestHeader("POST", "/grpc.health.v1.Health/Check");
        request.Headers.Set(HeaderName.Host, Host ?? HostOf(backend));
        request.Headers.Set(HeaderName.ContentType, "application/grpc");
        request.Headers.Set(HeaderName.TE, "trailers");
        request.Headers.Set(HeaderName.UserAgent, "Securely-health-check");
        session.WriteHeader(request, hasBody: true);
        await session.WriteBodyAsync(Message(Service), true);
        do
            await session.ReadHeaderAsync();
        while (session.Response.StatusCode < 200);
        if (session.Response.StatusCode != 200)
            throw new HealthCheckException($"the call is answered with HTTP status {session.Response.StatusCode}");
        var answer = await ReadAsync(session);
        CheckStatus(session.Trailers?.Contains(_status) == true ? session.Trailers : session.Response.Headers);
        if (StatusIn(answer.Span) is var status && status != Serving)
            throw new HealthCheckException($"service [{Service}] is {Name(status)}");
    }

    /// <summary>A HealthCheckRequest behind the prefix of a message: field 1 is the name of the service.</summary>
    internal static byte[] Message(string service)
    {
        var name = Encoding.UTF8.GetBytes(service);
        List<byte> request = [];
        if (name.Length > 0)
        {
            request.Add(0x0A);
            for (var left = (uint)name.Length; ; left >>= 7)
            {
                request.Add((byte)(left < 0x80 ? left : left | 0x80));
                if (left < 0x80)
                    break;
            }

            request.AddRange(name);
        }

        var message = new byte[PrefixLength + request.Count];
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), request.Count);
        request.CopyTo(message, PrefixLength);
        return message;
    }

    /// <summary>The status in the message of a HealthCheckResponse: field 1, a number; 0 where it is left out.</summary>
    internal static int StatusIn(ReadOnlySpan<byte> message)
    {
        if (message.Length < PrefixLength || message[0] != 0 || BinaryPrimitives.ReadInt32BigEndian(message[1..]) != message.Length - PrefixLength)
            throw new HealthCheckException("the answer is not one message");
        var status = 0UL;
        for (var rest = message[PrefixLength..]; !rest.IsEmpty;)
        {
            var tag = ReadNumber(ref rest);
            var value = tag % 8 is 0 or 2 ? ReadNumber(ref rest) : tag % 8 == 1 ? 8u : 4u;
            if (tag == 8)
                status = value;
            else if (tag % 8 is 3 or 4 or 6 or 7 || (tag % 8 != 0 && value > (ulong)rest.Length))
                throw new HealthCheckException("the answer is not a message of grpc.health.v1");
            else if (tag % 8 != 0)
                rest = rest[(int)value..];
        }

        return (int)Math.Min(status, int.MaxValue);
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(ClientSession session)
    {
        var answer = new MemoryStream();
        while (session.HasMoreBody)
        {
            var chunk = await session.ReadBodyAsync();
            answer.Write(chunk.Data.Span);
            if (answer.Length > LongestAnswer)
                throw new HealthCheckException("the answer is no short message");
            if (chunk.IsEnd)
                break;
        }

        return answer.ToArray();
    }

    private static void CheckStatus(HeaderMap fields)
    {
        if (!fields.TryGet(_status, out var status))
            throw new HealthCheckException("the answer has no grpc-status");
        if (!status.SequenceEqual("0"u8))
            throw new HealthCheckException($"the call has failed with grpc-status {Encoding.Latin1.GetString(status)}: {Uri.UnescapeDataString(fields.Get(_message) ?? "")}");
    }

    private static ulong ReadNumber(ref ReadOnlySpan<byte> rest)
    {
        const int MostBits = 63;
        var number = 0UL;
        for (var shift = 0; shift <= MostBits && !rest.IsEmpty; shift += 7)
        {
            var next = rest[0];
            rest = rest[1..];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return number;
        }

        throw new HealthCheckException("the answer is not a message of grpc.health.v1");
    }

    private static string Name(int status) => status switch { 0 => "UNKNOWN", 2 => "NOT_SERVING", 3 => "SERVICE_UNKNOWN", _ => $"in status {status}" };
}
