using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Securely.Net;

namespace Securely.Http;

/// <summary>
/// Answers what a monitor asks: <c>/metrics</c> in Prometheus's text format or in OpenMetrics, as its Accept field prefers; <c>/healthz</c> with 200
/// as long as the process answers at all; <c>/readyz</c> with 200 or 503. Give it a service with one thread of its own, on an address that only the
/// monitor reaches. Thread-safe.
/// </summary>
/// <param name="registry">Whose figures.</param>
/// <param name="isReady">Whether the server takes requests now; asked on the service's worker. Default: null, always.</param>
public sealed class MetricsHandler(MetricsRegistry registry, Func<bool>? isReady = null) : IHttpHandler
{
    private const string TextType = "text/plain; version=0.0.4; charset=utf-8";
    private const string OpenType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private ArrayBufferWriter<byte>? _buffer;

    /// <inheritdoc/>
    public ValueTask HandleAsync(ServerSession session, CancellationToken shutdown)
    {
        ArgumentNullException.ThrowIfNull(session);
        var path = session.Request.Path;
        if (session.Request.MethodKind is not (KnownMethod.Get or KnownMethod.Head))
            return RefuseMethodAsync(session);
        if (path.SequenceEqual("/metrics"u8))
            return WriteAsync(session);
        if (path.SequenceEqual("/healthz"u8))
            return session.RespondAsync(200, "ok\n");
        if (path.SequenceEqual("/readyz"u8))
            return isReady?.Invoke() ?? true ? session.RespondAsync(200, "ready\n") : session.RespondAsync(503, "not ready\n");
        return session.RespondAsync(404, "Ask for /metrics, /healthz or /readyz\n");
    }

    /// <summary>Whether the reader had rather have OpenMetrics: it names it, and text not with a higher weight.</summary>
    internal static bool PrefersOpenMetrics(HeaderMap headers)
    {
        var (open, text) = (-1, -1);
        for (var index = headers.IndexOfKnown(KnownHeader.Accept); index >= 0; index = headers.IndexOfKnown(KnownHeader.Accept, index + 1))
        {
            foreach (var element in new HeaderList(headers.ValueAt(index)))
            {
                var end = element.IndexOf((byte)';');
                var type = HttpTokens.Trim(end < 0 ? element : element[..end]);
                if (Ascii.EqualsIgnoreCase(type, "application/openmetrics-text"u8))
                    open = Math.Max(open, Weight(element));
                else if (Ascii.EqualsIgnoreCase(type, "text/plain"u8))
                    text = Math.Max(text, Weight(element));
            }
        }

        return open > 0 && open >= text;
    }

    /// <summary>The weight of an element of Accept in thousandths (RFC 9110 12.4.2).</summary>
    private static int Weight(ReadOnlySpan<byte> element)
    {
        for (var next = element.IndexOf((byte)';'); next >= 0; next = element.IndexOf((byte)';'))
        {
            element = element[(next + 1)..];
            var parameter = element.TrimStart(" \t"u8);
            if (parameter.Length < 2 || (parameter[0] | 0x20) != 'q' || parameter[1] != '=')
                continue;
            return Utf8Parser.TryParse(parameter[2..], out double weight, out _) ? (int)(Math.Clamp(weight, 0, 1) * 1000) : 0;
        }

        return 1000;
    }

    private static ValueTask RefuseMethodAsync(ServerSession session)
    {
        var header = new ResponseHeader(405);
        header.Headers.Set(HeaderName.Allow, "GET, HEAD"u8);
        header.Headers.Set(HeaderName.ContentLength, "0"u8);
        return session.RespondAsync(header, default);
    }

    private async ValueTask WriteAsync(ServerSession session)
    {
        var open = PrefersOpenMetrics(session.Request.Headers);
        // While a slow reader takes his answer, another one gets a buffer of his own.
        var buffer = Interlocked.Exchange(ref _buffer, null) ?? new ArrayBufferWriter<byte>(16 * 1024);
        buffer.ResetWrittenCount();
        registry.Write(buffer, open);
        await session.RespondAsync(200, buffer.WrittenMemory, open ? OpenType : TextType);
        _buffer = buffer;
    }
}
