using System.Text;

namespace Securely.Testing;

/// <summary>A chunked body (RFC 9112 section 7.1): its content, its trailer lines, and the bytes it had on the wire.</summary>
internal sealed record RawChunks(byte[] Body, IReadOnlyList<RawHeader> Trailers, byte[] Raw)
{
    public static async Task<RawChunks> ReadAsync(RawConnection connection)
    {
        var raw = new MemoryStream();
        var body = new MemoryStream();
        while (true)
        {
            var line = await connection.ReadUntilAsync("\r\n");
            raw.Write(Encoding.Latin1.GetBytes(line));
            var size = RawMessage.ChunkSize(line);
            if (size == 0)
                break;
            var chunk = await connection.ReadExactAsync(size + 2);
            raw.Write(chunk);
            body.Write(chunk, 0, size);
            if (!chunk.AsSpan(size).SequenceEqual("\r\n"u8))
                throw new InvalidDataException($"Chunk of {size} bytes does not end in a line end but in [{Readable.Escape(chunk.AsSpan(size))}]");
        }
        var trailers = new StringBuilder();
        string trailer;
        do
        {
            trailer = await connection.ReadUntilAsync("\r\n");
            trailers.Append(trailer);
        }
        while (trailer.Length > 2);
        raw.Write(Encoding.Latin1.GetBytes(trailers.ToString()));
        return new RawChunks(body.ToArray(), RawMessage.Trailers(trailers.ToString()), raw.ToArray());
    }
}
