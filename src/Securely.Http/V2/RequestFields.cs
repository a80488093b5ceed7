using System.Text;

namespace Securely.Http;

/// <summary>
/// Takes the fields of one request as they are decoded, and makes a head of them (RFC 9113 8.2, 8.3; RFC 8441 4). It keeps them as an HTTP/1 head
/// has them, so that they go to such an upstream in one copy. What is malformed is found here, before anybody sees the request (row A15).
/// </summary>
internal sealed partial class RequestFields : IHpackSink
{
    private const ulong ConnectionFields = (1UL << (int)KnownHeader.Connection) | (1UL << (int)KnownHeader.KeepAlive)
        | (1UL << (int)KnownHeader.ProxyConnection) | (1UL << (int)KnownHeader.TransferEncoding) | (1UL << (int)KnownHeader.Upgrade);

    private readonly RequestHeader _header;
    private Part _method;
    private Part _path;
    private Part _authority;
    private Part _scheme;
    private Part _protocol;
    private bool _inFields;
    private bool _hasHost;

    internal RequestFields(RequestHeader header)
    {
        _header = header;
        _buffer = _own;
    }

    /// <summary>What makes the request malformed, so that its stream is reset; null when nothing does.</summary>
    internal string? Problem { get; private set; }

    /// <summary>Whether it is an extended CONNECT for a WebSocket, which the head shows as an upgrade.</summary>
    internal bool IsWebSocket { get; private set; }

    /// <summary>What the request is answered with although it is well formed; 0 when nothing speaks against it.</summary>
    internal int Refusal { get; private set; }

    public void OnField(scoped HpackField field)
    {
        if (Problem is not null)
            return;
        if (field.Value.ContainsAny(HttpTokens.Controls) || (field.Value.Length > 0 && (HttpTokens.IsBlank(field.Value[0]) || HttpTokens.IsBlank(field.Value[^1]))))
        {
            Problem = "a field's value holds a control character or has blanks around it";
            return;
        }

        if (field.Name.Length > 0 && field.Name[0] == ':')
            OnPseudo(field);
        else
            OnRegular(field);
    }

    /// <summary>Gets ready for the next request.</summary>
    internal void Clear()
    {
        ClearBuffer();
        _method = _path = _authority = _scheme = _protocol = default;
        _inFields = _hasHost = IsWebSocket = false;
        Problem = null;
        Refusal = 0;
    }

    /// <summary>All fields have come: the head is made, and checked as a whole. False: it is malformed.</summary>
    internal bool TryFinish(HttpLimits limits)
    {
        if (Problem is null)
            Problem = CheckPseudo(limits);
        if (Problem is not null)
            return false;
        BeginFields();
        JoinCookies();
        if (IsWebSocket)
            AddHandshake();
        _header.Attach(_buffer, 0);
        if (!_header.Headers.ContainsKnown(KnownHeader.Host) && Refusal == 0)
            Refusal = 400;
        return true;
    }

    private void OnPseudo(scoped HpackField field)
    {
        if (_inFields)
        {
            Problem = "a pseudo-header field comes after a field";
            return;
        }

        if (field.Name.SequenceEqual(":path"u8))
            Take(ref _path, field.Value);
        else if (field.Name.SequenceEqual(":method"u8))
            Take(ref _method, field.Value);
        else if (field.Name.SequenceEqual(":scheme"u8))
            Take(ref _scheme, field.Value);
        else if (field.Name.SequenceEqual(":authority"u8))
            Take(ref _authority, field.Value);
        else if (field.Name.SequenceEqual(":protocol"u8))
            Take(ref _protocol, field.Value);
        else
            Problem = "a pseudo-header field is not one of a request";
    }

    private void Take(ref Part part, ReadOnlySpan<byte> value)
    {
        if (part.IsThere)
        {
            Problem = "a pseudo-header field comes twice";
            return;
        }

        part = new Part(_length, value.Length, true);
        value.CopyTo(Reserve(value.Length));
        _length += value.Length;
    }

    private void OnRegular(scoped HpackField field)
    {
        if (!_inFields)
            BeginFields();
        var name = field.Name;
        if (field.Known == KnownHeader.Unknown && (!HttpTokens.IsToken(name) || name.Length > ushort.MaxValue))
            Problem = "a field's name is not a token";
        else if (name.ContainsAnyInRange((byte)'A', (byte)'Z'))
            Problem = "a field's name is not in lower case";
        else if ((int)field.Known < 64 && ((ConnectionFields >> (int)field.Known) & 1) != 0 && field.Known != KnownHeader.Unknown)
            Problem = "a field belongs to a connection of HTTP/1";
        else if (field.Known == KnownHeader.TE && !Ascii.EqualsIgnoreCase(field.Value, "trailers"u8))
            Problem = "TE has another value than trailers";
        else if (field.Known == KnownHeader.Host)
            OnHost(field.Value);
        else if (field.Known == KnownHeader.ContentLength && _header.Headers.ContainsKnown(KnownHeader.ContentLength))
            Problem = "Content-Length comes twice";
        else
            AddField(in field);
    }

    private void AddField(scoped in HpackField field)
    {
        Add(field.Known, field.Name, field.Value);
        if (field.IsSensitive)
            _header.Headers.MarkSensitive();
    }

    private void OnHost(ReadOnlySpan<byte> value)
    {
        if (_hasHost)
            Problem = "Host comes twice";
        else if (_authority.IsThere && !Ascii.EqualsIgnoreCase(value, Bytes(_authority)))
            Problem = "Host is not :authority";
        else if (!RequestTarget.IsHost(value))
            Problem = "Host is not a host";
        else if (!_authority.IsThere)
            Add(KnownHeader.Host, "host"u8, value);
        _hasHost = true;
    }

    /// <summary>The authority becomes the first field.</summary>
    private void BeginFields()
    {
        if (_inFields)
            return;
        _inFields = true;
        if (_authority.Length > 0)
            Add(KnownHeader.Host, "host"u8, Bytes(_authority));
    }

    private string? CheckPseudo(HttpLimits limits)
    {
        if (!HttpTokens.IsToken(Bytes(_method)))
            return ":method is missing or not a token";
        if (_authority.IsThere && !RequestTarget.IsHost(Bytes(_authority)))
            return ":authority is not a host";
        var method = Methods.Recognise(Bytes(_method));
        if (method == KnownMethod.Connect && !_protocol.IsThere)
            return CheckConnect();
        if (_protocol.IsThere)
        {
            if (method != KnownMethod.Connect || !_authority.IsThere)
                return ":protocol comes without CONNECT and :authority";
            method = BeginWebSocket();
        }

        if (!Bytes(_scheme).SequenceEqual("http"u8) && !Bytes(_scheme).SequenceEqual("https"u8))
            return ":scheme is missing or not one of HTTP";
        var path = Bytes(_path);
        if (path.IsEmpty || (path[0] != '/' && !(path.SequenceEqual("*"u8) && method == KnownMethod.Options)) || path.ContainsAnyExcept(RequestTarget.Allowed))
            return ":path is missing or not a path";
        if (!RequestTarget.TrySplit(method, path, out var parts))
            return ":path is not one of its method";
        if (path.Length > limits.RequestLine)
            Refusal = 414;
        _header.SetStartLine(method, _method.Length, _method.Offset, _path.Offset, _path.Length, in parts);
        return null;
    }

    /// <summary>A tunnel to a host (RFC 9113 8.5).</summary>
    private string? CheckConnect()
    {
        if (_scheme.IsThere || _path.IsThere)
            return "CONNECT has a :scheme or a :path";
        if (!RequestTarget.TrySplit(KnownMethod.Connect, Bytes(_authority), out var parts))
            return "CONNECT has no :authority with a port";
        _header.SetStartLine(KnownMethod.Connect, _method.Length, _method.Offset, _authority.Offset, _authority.Length, in parts);
        return null;
    }

    private KnownMethod BeginWebSocket()
    {
        IsWebSocket = Ascii.EqualsIgnoreCase(Bytes(_protocol), "websocket"u8);
        // Another protocol may be well formed, but nobody here speaks it.
        if (!IsWebSocket)
            Refusal = 501;
        return KnownMethod.Get;
    }

    /// <summary>What HTTP/1.1 asks for and HTTP/2 leaves out (RFC 8441 5). The key is no secret: it shows that the other side has understood.</summary>
    private void AddHandshake()
    {
        Add(KnownHeader.Upgrade, "upgrade"u8, "websocket"u8);
        if (_header.Headers.ContainsKnown(KnownHeader.SecWebSocketKey))
            return;
        Span<byte> key = stackalloc byte[16];
        System.Security.Cryptography.RandomNumberGenerator.Fill(key);
        Span<byte> text = stackalloc byte[24];
        System.Buffers.Text.Base64.EncodeToUtf8(key, text, out _, out _);
        Add(KnownHeader.SecWebSocketKey, "sec-websocket-key"u8, text);
    }

    /// <summary>Cookies may come in pieces, which HTTP/1 does not know (RFC 9113 8.2.3).</summary>
    private void JoinCookies()
    {
        var headers = _header.Headers;
        if (headers.CountKnown(KnownHeader.Cookie) < 2)
            return;
        var total = 0;
        for (var index = headers.IndexOfKnown(KnownHeader.Cookie); index >= 0; index = headers.IndexOfKnown(KnownHeader.Cookie, index + 1))
            total += headers.ValueInPlace(index).Length + 2;
        Reserve("cookie: "u8.Length + total + 2);
        var nameOffset = _length;
        Put("cookie: "u8);
        var valueOffset = _length;
        var isSensitive = false;
        for (var index = headers.IndexOfKnown(KnownHeader.Cookie); index >= 0; index = headers.IndexOfKnown(KnownHeader.Cookie, index + 1))
        {
            var (offset, length) = headers.ValueInPlace(index);
            isSensitive |= headers.IsSensitive(index);
            if (_length > valueOffset)
                Put("; "u8);
            Put(_buffer.AsSpan(offset, length));
        }

        var end = _length;
        Put("\r\n"u8);
        headers.RemoveKnown(KnownHeader.Cookie);
        headers.AppendInPlace(KnownHeader.Cookie, nameOffset, 6, valueOffset, end - valueOffset, wholeLine: true);
        if (isSensitive)
            headers.MarkSensitive();
    }
}
