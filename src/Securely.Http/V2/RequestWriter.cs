namespace Securely.Http;

/// <summary>Writes a request's head as HTTP/2 has it (H2C-01, RFC 9113 8.2.2, 8.3.1).</summary>
internal static class RequestWriter
{
    /// <summary>What belongs to one connection of HTTP/1, or is said in another way.</summary>
    private const ulong Left = (1UL << (int)KnownHeader.Connection) | (1UL << (int)KnownHeader.KeepAlive) | (1UL << (int)KnownHeader.ProxyConnection)
        | (1UL << (int)KnownHeader.TransferEncoding) | (1UL << (int)KnownHeader.Upgrade) | (1UL << (int)KnownHeader.Host)
        | (1UL << (int)KnownHeader.Http2Settings);

    /// <summary>Writes method, scheme, authority, path and fields.</summary>
    /// <param name="encoder">A block that has been begun.</param>
    /// <param name="header">The head; hop-by-hop fields are left out, but <c>TE: trailers</c>.</param>
    /// <param name="connection">Tells the scheme, and the authority of a request that names none.</param>
    /// <param name="isWebSocket">Whether the head asks for a WebSocket, which is an extended CONNECT here (RFC 8441 4, 5).</param>
    public static void Write(HpackEncoder encoder, RequestHeader header, Net.Connection connection, bool isWebSocket)
    {
        encoder.WriteMethod(isWebSocket ? "CONNECT"u8 : header.Method);
        if (header.MethodKind != KnownMethod.Connect)
            encoder.WriteScheme(connection.IsEncrypted ? "https"u8 : "http"u8);
        var authority = header.Host;
        encoder.WriteAuthority(authority.IsEmpty ? AddressOf(connection) : authority);
        if (header.MethodKind != KnownMethod.Connect)
            encoder.WritePath(header.OriginTarget);
        if (isWebSocket)
            encoder.Write(KnownHeader.Unknown, ":protocol"u8, "websocket"u8);
        var headers = header.Headers;
        for (var index = 0; index < headers.Count; index++)
        {
            var field = headers[index];
            if (field.Known == KnownHeader.TE)
            {
                // Anything else than trailers would be a malformed request.
                if (System.Text.Ascii.EqualsIgnoreCase(field.Value, "trailers"u8))
                    encoder.Write(field.Known, field.Name, "trailers"u8);
            }
            else if (((int)field.Known >= 64 || ((Left >> (int)field.Known) & 1) == 0) && !(isWebSocket && IsOfHandshake(field.Known)))
            {
                encoder.Write(headers, index);
            }
        }
    }

    /// <summary>Writes trailers.</summary>
    public static void WriteTrailers(HpackEncoder encoder, HeaderMap trailers)
    {
        for (var index = 0; index < trailers.Count; index++)
            encoder.Write(trailers, index);
    }

    /// <summary>What HTTP/2 does not need to know that the other side has understood.</summary>
    private static bool IsOfHandshake(KnownHeader known) => known is KnownHeader.SecWebSocketKey or KnownHeader.ContentLength;

    /// <summary>What a client of HTTP/1.0 may leave out.</summary>
    private static ReadOnlySpan<byte> AddressOf(Net.Connection connection) =>
        connection.Digest.RemoteEndPoint is System.Net.IPEndPoint address ? System.Text.Encoding.ASCII.GetBytes(address.ToString()) : "localhost"u8;
}
