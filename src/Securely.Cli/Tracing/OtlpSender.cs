using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Securely.Cli;

/// <summary>Sends a request of OTLP over HTTP once and says what became of it (opentelemetry.io/docs/specs/otlp, OTLP/HTTP).</summary>
internal sealed class OtlpSender : IDisposable
{
    /// <summary>Where below the endpoint a receiver takes spans.</summary>
    public const string Path = "/v1/traces";

    private const int MostOfAnswer = 64 * 1024;

    private static readonly MediaTypeHeaderValue ContentType = new("application/x-protobuf");

    private readonly HttpClient _client;
    private readonly TracesOptions _options;
    private readonly TimeProvider _time;
    private readonly Uri _address;

    public OtlpSender(TracesOptions options, TimeProvider time, HttpMessageHandler? handler = null)
    {
        _options = options;
        _time = time;
        _address = new Uri(options.Endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/') + Path);
        // The time of an answer is limited below, by the clock that tests can set.
        _client = new HttpClient(handler ?? CreateHandler(options)) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MostOfAnswer };
    }

    /// <summary>Sends a request.</summary>
    /// <param name="request">The message; it may be changed when the task has ended.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task<OtlpAnswer> SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, _address) { Content = new ReadOnlyMemoryContent(request) };
            message.Content.Headers.ContentType = ContentType;
            foreach (var header in _options.Headers)
                message.Headers.TryAddWithoutValidation(header.Key, header.Value);
            using var response = await _client.SendAsync(message, either.Token);
            return await ReadAsync(response, either.Token);
        }
        catch (HttpRequestException error)
        {
            return new OtlpAnswer(OtlpOutcome.Unreachable, error.InnerException?.Message ?? error.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new OtlpAnswer(OtlpOutcome.Unreachable, string.Create(null, $"no answer within {_options.Timeout.TotalSeconds:0.###} s"));
        }
    }

    public void Dispose() => _client.Dispose();

    private static SocketsHttpHandler CreateHandler(TracesOptions options) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = options.Timeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        // A trace of sending traces would never end.
        ActivityHeadersPropagator = null,
    };

    private async Task<OtlpAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (response.IsSuccessStatusCode)
        {
            var (rejected, reason) = ReadPartialSuccess(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return new OtlpAnswer(OtlpOutcome.Taken, reason) { Rejected = rejected };
        }

        var text = string.Create(null, $"status {status}");
        return response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
            ? new OtlpAnswer(OtlpOutcome.Busy, text) { RetryAfter = RetryAfter(response) }
            : new OtlpAnswer(OtlpOutcome.Refused, text);
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.RetryAfter is not { } after ? null : after.Delta ?? after.Date - _time.GetUtcNow();

    /// <summary>
    /// Looks for <c>ExportTraceServiceResponse.partial_success</c> (1) with <c>rejected_spans</c> (1) and <c>error_message</c> (2). What is not
    /// such a message says nothing.
    /// </summary>
    internal static (long Rejected, string? Reason) ReadPartialSuccess(ReadOnlySpan<byte> answer)
    {
        var (rejected, reason) = (0L, (string?)null);
        if (!TryFind(answer, 1, out _, out var partial))
            return (0, null);
        if (TryFind(partial, 1, out var count, out _))
            rejected = (long)count;
        if (TryFind(partial, 2, out _, out var text))
            reason = Encoding.UTF8.GetString(text);
        return (Math.Max(rejected, 0), reason);
    }

    private static bool TryFind(ReadOnlySpan<byte> message, int field, out ulong number, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        while (TryVarint(ref message, out var tag))
        {
            if (!TryValue(ref message, (int)(tag & 7), out number, out bytes))
                return false;
            if (tag >> 3 == (ulong)field)
                return true;
        }

        number = 0;
        return false;
    }

    private static bool TryValue(scoped ref ReadOnlySpan<byte> message, int type, out ulong number, out ReadOnlySpan<byte> bytes)
    {
        number = 0;
        bytes = default;
        var length = type switch { 0 => 0, 1 => 8, 5 => 4, _ => -1 };
        if (type is 0 or 2 && !TryVarint(ref message, out number))
            return false;
        if (type == 2)
            length = number <= (ulong)message.Length ? (int)number : -1;
        if (length < 0 || length > message.Length)
            return false;
        if (type == 1)
            number = BinaryPrimitives.ReadUInt64LittleEndian(message);
        bytes = message[..length];
        message = message[length..];
        return true;
    }

    private static bool TryVarint(scoped ref ReadOnlySpan<byte> message, out ulong value)
    {
        value = 0;
        for (var i = 0; i < message.Length && i < 10; i++)
        {
            value |= (ulong)(message[i] & 0x7f) << (7 * i);
            if (message[i] >= 0x80)
                continue;
            message = message[(i + 1)..];
            return true;
        }

        return false;
    }
}

/// <summary>What became of a request to a receiver.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Reason">What the receiver, or the network, said; null for nothing.</param>
internal sealed record OtlpAnswer(OtlpOutcome Outcome, string? Reason)
{
    /// <summary>How many spans of a request that was taken were not.</summary>
    public long Rejected { get; init; }

    /// <summary>When to come back; null when the receiver did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>What can become of a request to a receiver.</summary>
internal enum OtlpOutcome
{
    /// <summary>It has the spans.</summary>
    Taken,

    /// <summary>It wants to be asked again.</summary>
    Busy,

    /// <summary>It did not answer, or is not there.</summary>
    Unreachable,

    /// <summary>It will not have them, however often it is asked.</summary>
    Refused,
}
