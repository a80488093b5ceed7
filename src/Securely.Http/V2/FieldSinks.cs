namespace Securely.Http;

/// <summary>Hands fields on without a virtual call.</summary>
internal readonly struct RequestSink(RequestFields fields) : IHpackSink
{
    public void OnField(scoped HpackField field) => fields.OnField(field);
}

/// <summary>Takes fields that nobody wants, for the sake of the decoder's table.</summary>
internal readonly struct NoFields : IHpackSink
{
    public void OnField(scoped HpackField field)
    {
    }
}

/// <summary>Takes the trailers of a message; what makes them malformed is remembered (RFC 9113 8.1).</summary>
internal struct TrailerFields(HeaderMap map) : IHpackSink
{
    internal bool IsMalformed { get; private set; }

    public void OnField(scoped HpackField field)
    {
        if (!HttpTokens.IsToken(field.Name) || field.Name.ContainsAnyInRange((byte)'A', (byte)'Z') || field.Value.ContainsAny(HttpTokens.Controls)
            || field.Known is KnownHeader.Connection or KnownHeader.KeepAlive or KnownHeader.ProxyConnection or KnownHeader.TransferEncoding or KnownHeader.Upgrade)
        {
            IsMalformed = true;
            return;
        }

        map.AppendChecked(field.Known, field.Name, HttpTokens.Trim(field.Value));
        if (field.IsSensitive)
            map.MarkSensitive();
    }
}
