using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Securely.Dns;

/// <summary>
/// Cookies that prove that a client receives what is sent to its address (RFC 7873), in the form of RFC 9018, so that servers with the same secret
/// take each other's. Immutable, for any thread.
/// </summary>
internal sealed class Cookies(ReadOnlySpan<byte> secret)
{
    /// <summary>A client's part and the server's.</summary>
    internal const int Length = 24;

    /// <summary>A client's part.</summary>
    internal const int ClientLength = 8;

    private const uint Lifetime = 3600;
    private const uint Renewal = 1800;
    private const uint Ahead = 300;
    private readonly byte[] _secret = secret.ToArray();

    /// <summary>Cookies with a secret of this process alone.</summary>
    internal static Cookies Random() => new(RandomNumberGenerator.GetBytes(16));

    /// <summary>Judges a cookie and writes the one to answer with.</summary>
    /// <param name="cookie">The client's 8 bytes and what it remembers of the server's.</param>
    /// <param name="address">The client's address: 4 or 16 bytes.</param>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="answer">Takes 24 bytes.</param>
    /// <returns>Whether the client has shown a cookie of ours that is not too old.</returns>
    internal bool Judge(ReadOnlySpan<byte> cookie, ReadOnlySpan<byte> address, uint now, Span<byte> answer)
    {
        if (cookie.Length == Length && cookie[8] == 1)
        {
            var made = BinaryPrimitives.ReadUInt32BigEndian(cookie[12..]);
            var age = unchecked((int)(now - made));
            Span<byte> expected = stackalloc byte[8];
            Hash(cookie[..16], address, expected);
            if (age <= Lifetime && age >= -(int)Ahead && CryptographicOperations.FixedTimeEquals(expected, cookie[16..]))
            {
                if (age <= Renewal)
                    cookie.CopyTo(answer);
                else
                    Make(cookie, address, now, answer);
                return true;
            }
        }

        Make(cookie, address, now, answer);
        return false;
    }

    private void Make(ReadOnlySpan<byte> cookie, ReadOnlySpan<byte> address, uint now, Span<byte> answer)
    {
        cookie[..ClientLength].CopyTo(answer);
        BinaryPrimitives.WriteUInt32BigEndian(answer[8..], 0x01000000);
        BinaryPrimitives.WriteUInt32BigEndian(answer[12..], now);
        Hash(answer[..16], address, answer[16..]);
    }

    private void Hash(ReadOnlySpan<byte> head, ReadOnlySpan<byte> address, Span<byte> hash)
    {
        Span<byte> input = stackalloc byte[32];
        head.CopyTo(input);
        address.CopyTo(input[16..]);
        BinaryPrimitives.WriteUInt64LittleEndian(hash, SipHash.Compute(_secret, input[..(16 + address.Length)]));
    }
}
