using System.Text;

namespace Securely.Http;

/// <summary>The head of a response: status, reason, version and fields.</summary>
/// <remarks>
/// A parsed head points into the read buffer of its connection: its spans are valid until it is changed or its message ends. Not safe for
/// concurrent use.
/// </remarks>
public sealed class ResponseHeader
{
    private byte[] _buffer = [];
    private int _base;
    private int _reasonOffset;
    private int _reasonLength;
    private byte[]? _ownReason;
    private bool _parsedReason;
    private int _statusCode;

    /// <summary>Makes a response with the usual reason phrase of its status.</summary>
    /// <param name="statusCode">From 100 to 999.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status has not three digits.</exception>
    public ResponseHeader(int statusCode) => StatusCode = statusCode;

    internal ResponseHeader() => _statusCode = 200;

    /// <summary>The status, from 100 to 999. Setting it also sets the usual reason phrase.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The status has not three digits.</exception>
    public int StatusCode
    {
        get => _statusCode;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 100);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 999);
            _statusCode = value;
            _parsedReason = false;
            _ownReason = null;
        }
    }

    /// <summary>The reason phrase: as it came or was set, else the usual one; may be empty.</summary>
    public ReadOnlySpan<byte> Reason => _parsedReason ? _buffer.AsSpan(_base + _reasonOffset, _reasonLength)
        : _ownReason is not null ? _ownReason
        : ReasonPhrases.Of(_statusCode);

    /// <summary>The reason phrase as text; allocates.</summary>
    public string ReasonText => HeaderText.Decode(Reason);

    /// <summary>The version that the message came with or is sent with.</summary>
    public HttpVersion Version { get; set; } = HttpVersion.Http11;

    /// <summary>The fields.</summary>
    public HeaderMap Headers { get; } = new();

    /// <summary>Whether the status is 1xx: another head follows, except after 101.</summary>
    internal bool IsInformational => _statusCode is >= 100 and < 200;

    /// <summary>Changes the reason phrase.</summary>
    /// <param name="reason">The phrase; may be empty.</param>
    /// <exception cref="ArgumentException">The phrase holds a control character other than tab.</exception>
    public void SetReason(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        if (reason.AsSpan().ContainsAny(HttpTokens.ControlsText))
        {
            throw new ArgumentException("The reason phrase holds a control character (CR, LF, NUL or another); remove it.", nameof(reason));
        }

        _ownReason = Encoding.UTF8.GetBytes(reason);
        _parsedReason = false;
    }

    /// <summary>
    /// Makes this head a copy of another. Changes to either do not touch the other; a copy of a parsed head is valid as long as the message
    /// that the other was parsed from.
    /// </summary>
    /// <param name="other">The head to copy.</param>
    public void CopyFrom(ResponseHeader other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (ReferenceEquals(this, other))
        {
            return;
        }

        _buffer = other._buffer;
        _base = other._base;
        _reasonOffset = other._reasonOffset;
        _reasonLength = other._reasonLength;
        _ownReason = other._ownReason;
        _parsedReason = other._parsedReason;
        _statusCode = other._statusCode;
        Version = other.Version;
        Headers.CopyFrom(other.Headers);
    }

    /// <summary>Status, reason and fields, for a debugger or a log. Allocates.</summary>
    public override string ToString() => $"{_statusCode} {ReasonText}\r\n{Headers}";

    /// <summary>Says where the head lies; see <see cref="HeaderMap.Attach"/>.</summary>
    internal void Attach(byte[] buffer, int start)
    {
        _buffer = buffer;
        _base = start;
        Headers.Attach(buffer, start);
    }

    /// <summary>Takes over a parsed status line. The offset is relative to the start of the head.</summary>
    internal void SetStartLine(int statusCode, int reasonOffset, int reasonLength)
    {
        _statusCode = statusCode;
        _reasonOffset = reasonOffset;
        _reasonLength = reasonLength;
        _parsedReason = true;
        _ownReason = null;
    }

    /// <summary>Forgets the message but keeps rented memory for the next one, which follows at once.</summary>
    internal void Clear()
    {
        Headers.Clear();
        _buffer = [];
        _base = 0;
        _parsedReason = false;
        _ownReason = null;
        _statusCode = 200;
        Version = HttpVersion.Http11;
    }

    /// <summary>Forgets the message and gives rented memory back; the head can be used again.</summary>
    internal void Reset()
    {
        Clear();
        Headers.Reset();
    }
}
