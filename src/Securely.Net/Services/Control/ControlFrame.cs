using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text.Json;

namespace Securely.Net;

/// <summary>
/// A message of the control protocol: four bytes of length, the most significant first, and that many bytes of JSON. A connection carries
/// one request and its answers:
/// <code>
/// caller: {"version":1,"command":"status","request":{}}
/// server: {"version":1,"answer":"accepted"}
/// server: {"version":1,"answer":"item","item":{"any":"value"}}       none, one or many
/// server: {"version":1,"answer":"end"}                               or, at any time in place of what would follow:
/// server: {"version":1,"answer":"error","code":"unknown_command","message":"..."}
/// </code>
/// A caller that no longer wants to listen closes the connection. The error is the one message that no version may change.
/// </summary>
internal static class ControlFrame
{
    internal const int Version = 1;
    internal const int MostBytes = 1024 * 1024;

    private const int LengthBytes = 4;
    private const int MostDepth = 64;

    /// <summary>Reads one message.</summary>
    /// <returns>Null when the peer closed the connection before it.</returns>
    /// <exception cref="ControlFrameException">What came is none.</exception>
    internal static async ValueTask<JsonDocument?> ReadAsync(Socket socket, CancellationToken cancellationToken)
    {
        var prefix = new byte[LengthBytes];
        var received = await FillAsync(socket, prefix, cancellationToken).ConfigureAwait(false);
        if (received == 0)
            return null;
        if (received < LengthBytes)
            throw new ControlFrameException("incomplete", "The connection ended inside of a message");
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix);
        if (length > MostBytes)
            throw new ControlFrameException("too_large", $"A message of [{length}] bytes is too large; [{MostBytes}] are the most");
        var body = new byte[length];
        if (await FillAsync(socket, body, cancellationToken).ConfigureAwait(false) < length)
            throw new ControlFrameException("incomplete", "The connection ended inside of a message");
        return Parse(body);
    }

    /// <summary>Writes one message: the version, and what the caller adds to the object.</summary>
    /// <exception cref="ControlFrameException">The message is too large; nothing has been sent.</exception>
    internal static async ValueTask WriteAsync(Socket socket, Action<Utf8JsonWriter> members, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write(new byte[LengthBytes]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            members(json);
            json.WriteEndObject();
        }

        var length = buffer.WrittenCount - LengthBytes;
        if (length > MostBytes)
            throw new ControlFrameException("too_large", $"A message of [{length}] bytes is too large; [{MostBytes}] are the most");
        var frame = buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(frame, length);
        for (var sent = 0; sent < frame.Length;)
            sent += await socket.SendAsync(frame.AsMemory(sent), SocketFlags.None, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The version of a message; 0 where it has none.</summary>
    internal static int VersionOf(JsonElement message) =>
        message.TryGetProperty("version", out var version) && version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out var number) ? number : 0;

    /// <summary>A text of a message; null where it has none that can be read.</summary>
    internal static string? TextOf(JsonElement message, string name)
    {
        if (!message.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }

    private static JsonDocument Parse(byte[] body)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MostDepth });
        }
        catch (JsonException)
        {
            throw new ControlFrameException("malformed", "A message is not JSON");
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        throw new ControlFrameException("malformed", "A message is not a JSON object");
    }

    private static async ValueTask<int> FillAsync(Socket socket, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var filled = 0;
        while (filled < buffer.Length)
        {
            var received = await socket.ReceiveAsync(buffer[filled..], SocketFlags.None, cancellationToken).ConfigureAwait(false);
            if (received == 0)
                break;
            filled += received;
        }

        return filled;
    }
}

/// <summary>A peer sent, or would have been sent, what is no message of the protocol.</summary>
internal sealed class ControlFrameException(string code, string message) : Exception(message)
{
    internal string Code { get; } = code;
}
