using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Securely.Http;

/// <summary>The opening of a WebSocket as HTTP/1.1 has it (RFC 6455 4), which HTTP/2 does without (RFC 8441 5).</summary>
internal static class WebSocketHandshake
{
    private const int HashLength = 20;
    private const int AcceptLength = 28;
    private const int LongestKey = 256;

    private static ReadOnlySpan<byte> Suffix => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;

    /// <summary>Whether a head asks for it.</summary>
    public static bool IsAsked(RequestHeader header) => header.MethodKind == KnownMethod.Get
        && header.Headers.TryGetKnown(KnownHeader.Upgrade, out var protocol) && Ascii.EqualsIgnoreCase(protocol, "websocket"u8)
        && header.Headers.TryGetKnown(KnownHeader.SecWebSocketKey, out var key) && key.Length <= LongestKey;

    /// <summary>What shows a client of HTTP/1.1 that its key was understood.</summary>
    public static byte[] Accept(HeaderMap headers)
    {
        headers.TryGetKnown(KnownHeader.SecWebSocketKey, out var key);
        Span<byte> text = stackalloc byte[LongestKey + Suffix.Length];
        key.CopyTo(text);
        Suffix.CopyTo(text[key.Length..]);
        Span<byte> hash = stackalloc byte[HashLength];
        // What RFC 6455 asks for; nothing is kept secret by it.
#pragma warning disable CA5350
        SHA1.HashData(text[..(key.Length + Suffix.Length)], hash);
#pragma warning restore CA5350
        var accept = new byte[AcceptLength];
        Base64.EncodeToUtf8(hash, accept, out _, out _);
        return accept;
    }
}
