using System.Buffers.Text;
using Securely.Net;

namespace Securely.Http;

/// <summary>The Date field's value, formatted once a second on each worker (RFC 9110 6.6.1, row H1S-12).</summary>
internal static class HttpDate
{
    internal const int Length = 29;

    [ThreadStatic]
    private static byte[]? _text;

    [ThreadStatic]
    private static long _validUntil;

    /// <summary>29 bytes, valid on this thread until the next call.</summary>
    internal static ReadOnlySpan<byte> Get(Worker? worker)
    {
        var now = worker?.Now ?? long.MaxValue;
        if (_text is null || now >= _validUntil)
            Format(worker, now);
        return _text;
    }

    private static void Format(Worker? worker, long now)
    {
        var date = (worker?.Time ?? TimeProvider.System).GetUtcNow();
        _text ??= new byte[Length];
        Utf8Formatter.TryFormat(date, _text, out _, 'R');
        _validUntil = now == long.MaxValue ? now : now + 1000 - date.Millisecond;
    }
}
