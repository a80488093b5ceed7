namespace Securely.Http;

/// <summary>
/// How large a message may be. The defaults are those of <c>limits</c> in the configuration file. Immutable and safe to share.
/// </summary>
public sealed record HttpLimits
{
    private const int Largest = 1 << 28;

    private readonly int _headerBytes = 64 * 1024;
    private readonly int _headers = 128;
    private readonly int _requestLine = 8 * 1024;
    private readonly long _body;

    /// <summary>The limits that apply unless others are given.</summary>
    public static HttpLimits Default { get; } = new();

    /// <summary>
    /// The most bytes that the fields of a head may have together, from the end of the first line to the empty line, both included.
    /// Default 64 KiB; from 2 to 256 MiB. More is answered 431.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int HeaderBytes { get => _headerBytes; init => _headerBytes = InRange(value, 2, nameof(HeaderBytes)); }

    /// <summary>The most fields that a head or a trailer section may have. Default 128; from 1 to 2^28. More is answered 431.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Headers { get => _headers; init => _headers = InRange(value, 1, nameof(Headers)); }

    /// <summary>
    /// The most bytes that a request line may have, without its line end; status lines are held to it too. Default 8 KiB; from 16 to
    /// 256 MiB. More is answered 414.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int RequestLine { get => _requestLine; init => _requestLine = InRange(value, 16, nameof(RequestLine)); }

    /// <summary>
    /// The most bytes that a request body may have after decoding of its transfer coding. Default 0: no limit. More is answered 413.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public long Body
    {
        get => _body;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(Body));
            _body = value;
        }
    }

    private static int InRange(int value, int least, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Largest, name);
        return value;
    }
}
