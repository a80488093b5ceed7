using System.Buffers;
using System.Text;

namespace Securely.Http;

/// <summary>The head of a request: method, target, version and fields.</summary>
/// <remarks>
/// A parsed head points into the read buffer of its connection: its spans are valid until it is changed or its message ends; take the
/// text properties to keep something longer. When a request came in absolute form (RFC 9112 3.2.2), its Host field already holds the host
/// of the target. Not safe for concurrent use.
/// </remarks>
public sealed class RequestHeader
{
    private byte[] _buffer = [];
    private int _base;
    private int _methodOffset;
    private int _methodLength;
    private int _targetOffset;
    private int _targetLength;
    private byte[]? _ownMethod;
    private byte[]? _ownTarget;
    private byte[]? _ownOriginTarget;
    private TargetParts _parts;

    /// <summary>Makes a request.</summary>
    /// <param name="method">The method, a token in upper case, as <c>GET</c>.</param>
    /// <param name="target">The target: <c>/path?query</c>, <c>http://host/path</c>, <c>*</c> for OPTIONS, or <c>host:port</c> for
    /// CONNECT.</param>
    /// <param name="version">The version; HTTP/1.1 by default.</param>
    /// <exception cref="ArgumentException">The method or the target is not valid.</exception>
    public RequestHeader(string method, string target, HttpVersion version = HttpVersion.Http11)
    {
        Version = version;
        SetMethod(method);
        SetTarget(target);
    }

    internal RequestHeader()
    {
    }

    /// <summary>The version that the message came with or is sent with.</summary>
    public HttpVersion Version { get; set; } = HttpVersion.Http11;

    /// <summary>The fields.</summary>
    public HeaderMap Headers { get; } = new();

    /// <summary>Which well-known method this is.</summary>
    public KnownMethod MethodKind { get; private set; }

    /// <summary>The method as it came.</summary>
    public ReadOnlySpan<byte> Method => MethodKind != KnownMethod.Other ? Methods.Bytes(MethodKind)
        : _ownMethod is not null ? _ownMethod
        : _buffer.AsSpan(_base + _methodOffset, _methodLength);

    /// <summary>The target as it came, in whichever of the four forms, not decoded.</summary>
    public ReadOnlySpan<byte> Target => _ownTarget is null
        ? _buffer.AsSpan(_base + _targetOffset, _targetLength)
        : _ownTarget.AsSpan(0, _targetLength);

    /// <summary>
    /// The target as it is sent to an origin server: path and query for the origin and absolute forms, otherwise <see cref="Target"/>.
    /// </summary>
    public ReadOnlySpan<byte> OriginTarget =>
        _parts.Form != TargetForm.Absolute ? Target
        : _parts.PathLength > 0 ? Target[_parts.PathOffset..]
        : OriginTargetOfEmptyPath();

    /// <summary>
    /// The path, not decoded and without the query; <c>/</c> when an absolute form has none, <c>*</c> for <c>OPTIONS *</c>, empty for
    /// CONNECT.
    /// </summary>
    public ReadOnlySpan<byte> Path => _parts.PathLength > 0 ? Target.Slice(_parts.PathOffset, _parts.PathLength)
        : _parts.Form == TargetForm.Absolute ? "/"u8 : default;

    /// <summary>The query without its question mark, not decoded; empty when there is none.</summary>
    public ReadOnlySpan<byte> Query => _parts.QueryOffset == 0 ? default : Target[_parts.QueryOffset..];

    /// <summary>
    /// Whom the request is for, with the port when it was given: the target of CONNECT, else the Host field; empty when there is none.
    /// </summary>
    public ReadOnlySpan<byte> Host =>
        _parts.Form == TargetForm.Authority ? Target : Headers.TryGetKnown(KnownHeader.Host, out var host) ? host : default;

    /// <summary>The method as text; allocates only for methods that are not well known.</summary>
    public string MethodText => Methods.Text(MethodKind) ?? Encoding.ASCII.GetString(Method);

    /// <summary><see cref="Target"/> as text; allocates.</summary>
    public string TargetText => Encoding.ASCII.GetString(Target);

    /// <summary><see cref="Path"/> as text; allocates.</summary>
    public string PathText => Encoding.ASCII.GetString(Path);

    /// <summary><see cref="Query"/> as text; allocates.</summary>
    public string QueryText => Encoding.ASCII.GetString(Query);

    /// <summary><see cref="Host"/> as text; allocates.</summary>
    public string HostText => HeaderText.Decode(Host);

    /// <summary>In which form the target came.</summary>
    internal TargetForm TargetForm => _parts.Form;

    /// <summary>Changes the method.</summary>
    /// <param name="method">A token; methods are case-sensitive.</param>
    /// <exception cref="ArgumentException">The method is not a token.</exception>
    public void SetMethod(string method)
    {
        ArgumentNullException.ThrowIfNull(method);
        if (!HttpTokens.IsToken(method.AsSpan()))
        {
            throw new ArgumentException("The method is not a token; use letters such as GET or PURGE.", nameof(method));
        }

        byte[] bytes = Encoding.ASCII.GetBytes(method);
        MethodKind = Methods.Recognise(bytes);
        _ownMethod = MethodKind == KnownMethod.Other ? bytes : null;
    }

    /// <summary>Changes the target. A target in absolute form also sets the Host field, as its host wins.</summary>
    /// <param name="target">Visible ASCII without a fragment, encoded as it goes on the wire; in a form that the method allows.</param>
    /// <exception cref="ArgumentException">The target is not valid for the method; nothing has changed.</exception>
    public void SetTarget(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        int length = Encoding.UTF8.GetByteCount(target);
        byte[] bytes = ArrayPool<byte>.Shared.Rent(length);
        Encoding.UTF8.GetBytes(target, bytes);
        TakeTarget(bytes, length);
    }

    /// <inheritdoc cref="SetTarget(string)"/>
    public void SetTarget(ReadOnlySpan<byte> target)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(target.Length);
        target.CopyTo(bytes);
        TakeTarget(bytes, target.Length);
    }

    /// <summary>
    /// Makes this head a copy of another. Changes to either do not touch the other; a copy of a parsed head is valid as long as the message
    /// that the other was parsed from.
    /// </summary>
    /// <param name="other">The head to copy.</param>
    public void CopyFrom(RequestHeader other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (ReferenceEquals(this, other))
        {
            return;
        }

        ReturnTarget();
        _buffer = other._buffer;
        _base = other._base;
        _methodOffset = other._methodOffset;
        _methodLength = other._methodLength;
        _targetOffset = other._targetOffset;
        _targetLength = other._targetLength;
        _ownMethod = other._ownMethod;
        _ownOriginTarget = other._ownOriginTarget;
        _parts = other._parts;
        if (other._ownTarget is not null)
        {
            _ownTarget = ArrayPool<byte>.Shared.Rent(_targetLength);
            other.Target.CopyTo(_ownTarget);
        }

        MethodKind = other.MethodKind;
        Version = other.Version;
        Headers.CopyFrom(other.Headers);
    }

    /// <summary>Method, target and fields, for a debugger or a log. Allocates.</summary>
    public override string ToString() => $"{MethodText} {TargetText}\r\n{Headers}";

    /// <summary>Says where the head lies; see <see cref="HeaderMap.Attach"/>.</summary>
    internal void Attach(byte[] buffer, int start)
    {
        _buffer = buffer;
        _base = start;
        Headers.Attach(buffer, start);
    }

    /// <summary>Takes over a parsed start line. Offsets are relative to the start of the head.</summary>
    internal void SetStartLine(
        KnownMethod method, int methodLength, int methodOffset, int targetOffset, int targetLength, in TargetParts parts)
    {
        MethodKind = method;
        _methodOffset = methodOffset;
        _methodLength = methodLength;
        _targetOffset = targetOffset;
        _targetLength = targetLength;
        _parts = parts;
    }

    /// <summary>Makes the host of an absolute target the value of the Host field, without copying it (RFC 9112 3.2.2).</summary>
    internal void TakeHostFromTarget()
    {
        int offset = _targetOffset + _parts.AuthorityOffset;
        int index = Headers.IndexOfKnown(KnownHeader.Host);
        if (index < 0)
        {
            Headers.AppendInPlace(KnownHeader.Host, offset, _parts.AuthorityLength);
        }
        else
        {
            Headers.SetValueInPlace(index, offset, _parts.AuthorityLength);
        }
    }

    /// <summary>Forgets the message but keeps rented memory for the next one, which follows at once.</summary>
    internal void Clear()
    {
        Headers.Clear();
        ReturnTarget();
        _buffer = [];
        _base = 0;
        _methodOffset = 0;
        _methodLength = 0;
        _targetOffset = 0;
        _targetLength = 0;
        _ownMethod = null;
        _ownOriginTarget = null;
        _parts = default;
        MethodKind = KnownMethod.Other;
        Version = HttpVersion.Http11;
    }

    /// <summary>Forgets the message and gives rented memory back; the head can be used again.</summary>
    internal void Reset()
    {
        Clear();
        Headers.Reset();
    }

    private void TakeTarget(byte[] bytes, int length)
    {
        var wanted = bytes.AsSpan(0, length);
        if (wanted.ContainsAnyExcept(RequestTarget.Allowed) || !RequestTarget.TrySplit(MethodKind, wanted, out var parts))
        {
            var error = BadTarget(wanted);
            ArrayPool<byte>.Shared.Return(bytes);
            throw error;
        }

        ReturnTarget();
        _ownTarget = bytes;
        _ownOriginTarget = null;
        _targetLength = length;
        _parts = parts;
        if (parts.Form == TargetForm.Absolute)
        {
            Headers.SetKnown(KnownHeader.Host, wanted.Slice(parts.AuthorityOffset, parts.AuthorityLength));
        }
    }

    private ArgumentException BadTarget(ReadOnlySpan<byte> target) => new(
        $"Target [{HeaderText.Decode(target)}] is not valid for {MethodText}; "
        + "encode what is not visible ASCII, leave out a fragment, and begin with / or http://.",
        nameof(target));

    private ReadOnlySpan<byte> OriginTargetOfEmptyPath()
    {
        if (_parts.QueryOffset == 0)
        {
            return MethodKind == KnownMethod.Options ? "*"u8 : "/"u8;
        }

        return _ownOriginTarget ??= [(byte)'/', .. Target[_parts.PathOffset..]];
    }

    private void ReturnTarget()
    {
        if (_ownTarget is not null)
        {
            ArrayPool<byte>.Shared.Return(_ownTarget);
            _ownTarget = null;
        }
    }
}
