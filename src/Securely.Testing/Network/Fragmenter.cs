namespace Securely.Testing;

/// <summary>Cuts bytes into the pieces of a <see cref="Delivery"/>; what a parser makes of them must not depend on the cut.</summary>
public static class Fragmenter
{
    /// <summary>The pieces of <paramref name="bytes"/>, in order; joined, they are the bytes again. No bytes are no pieces.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> bytes, Delivery delivery)
    {
        while (!bytes.IsEmpty)
        {
            var length = PieceLength(bytes.Span, delivery);
            yield return bytes[..length];
            bytes = bytes[length..];
        }
    }

    private static int PieceLength(ReadOnlySpan<byte> bytes, Delivery delivery) => delivery switch
    {
        Delivery.Whole => bytes.Length,
        Delivery.Lines => bytes.IndexOf((byte)'\n') is >= 0 and var end ? end + 1 : bytes.Length,
        Delivery.Bytes => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(delivery), delivery, null),
    };
}
