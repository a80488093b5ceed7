namespace Securely.Http;

/// <summary>
/// Takes the fields of a response's head or trailers and finds what is wrong with them (RFC 9113 8.2, 8.3): nothing that HTTP/1 would read as
/// framing or as another field may get through.
/// </summary>
/// <param name="headers">Where they go.</param>
/// <param name="isTrailers">Whether they are trailers, which have no status.</param>
internal struct ResponseFields(HeaderMap headers, bool isTrailers) : IHpackSink
{
    private const ulong Forbidden = (1UL << (int)KnownHeader.Connection) | (1UL << (int)KnownHeader.KeepAlive)
        | (1UL << (int)KnownHeader.ProxyConnection) | (1UL << (int)KnownHeader.TransferEncoding) | (1UL << (int)KnownHeader.Upgrade);

    private bool _hasField;

    /// <summary>The status; 0 while none has come.</summary>
    public int Status { get; private set; }

    /// <summary>What is wrong; null while nothing is.</summary>
    public string? Problem { get; private set; }

    public void OnField(scoped HpackField field)
    {
        if (Problem is not null)
            return;
        if (field.Name.IsEmpty || field.Name[0] == ':')
            Problem = TakePseudo(field.Name, field.Value);
        else
            Problem = TakeField(in field);
    }

    private string? TakePseudo(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        if (name.IsEmpty)
            return "a field has no name";
        if (isTrailers || _hasField)
            return "a pseudo-header field stands behind fields or among trailers";
        if (!name.SequenceEqual(":status"u8))
            return "it has a pseudo-header field that no response has";
        if (Status != 0)
            return "it has two statuses";
        if (value.Length != 3 || value[0] is < (byte)'1' or > (byte)'9' || value.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return "its status has not three digits";
        Status = ((value[0] - '0') * 100) + ((value[1] - '0') * 10) + value[2] - '0';
        return null;
    }

    private string? TakeField(scoped in HpackField field)
    {
        _hasField = true;
        var known = field.Known;
        var name = field.Name;
        var value = field.Value;
        if (known == KnownHeader.Unknown && (!HttpTokens.IsToken(name) || name.Length > ushort.MaxValue))
            return "a field name holds a character that is not allowed";
        if (name.ContainsAnyInRange((byte)'A', (byte)'Z'))
            return "a field name is not in lower case";
        if (value.ContainsAny(HttpTokens.Controls))
            return "a field value holds a control character";
        if (value.Length > 0 && (HttpTokens.IsBlank(value[0]) || HttpTokens.IsBlank(value[^1])))
            return "a field value begins or ends with a blank";
        if (known != KnownHeader.Unknown && (int)known < 64 && ((Forbidden >> (int)known) & 1) != 0)
            return $"field [{KnownHeaders.Text(known)}] is not allowed in HTTP/2";
        if (known == KnownHeader.Unknown)
            headers.AppendChecked(known, name, value);
        else
            headers.AppendKnown(known, value);
        if (field.IsSensitive)
            headers.MarkSensitive();
        return null;
    }
}
