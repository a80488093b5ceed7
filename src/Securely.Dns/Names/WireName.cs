using System.Buffers.Binary;

namespace Securely.Dns;

/// <summary>Domain names as they stand in messages: runs of labels with their lengths, at most 255 bytes with the root's zero (RFC 1035, 3.1).</summary>
internal static class WireName
{
    /// <summary>The longest name in bytes.</summary>
    internal const int Maximum = 255;

    /// <summary>The most labels of a name, the root's included.</summary>
    internal const int MaximumLabels = 128;

    /// <summary>Reads a name of a message and follows its pointers, which must lead backwards from one another.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="offset">Where the name begins; behind it afterwards.</param>
    /// <param name="name">Takes the name without pointers; 255 bytes.</param>
    /// <param name="length">How many bytes it has.</param>
    /// <returns>False when it is malformed.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> message, ref int offset, Span<byte> name, out int length)
    {
        length = 0;
        var at = offset;
        var limit = offset;
        var end = -1;
        while ((uint)at < (uint)message.Length)
        {
            var size = message[at];
            if (size == 0)
            {
                name[length++] = 0;
                offset = end < 0 ? at + 1 : end;
                return true;
            }

            if (size < 64)
            {
                if (at + size >= message.Length || length + size + 2 > Maximum)
                    return false;
                message.Slice(at, size + 1).CopyTo(name[length..]);
                length += size + 1;
                at += size + 1;
                continue;
            }

            if (size < 0xC0 || at + 1 >= message.Length)
                return false;
            var target = ((size & 0x3F) << 8) | message[at + 1];
            // Each jump must go before the place where the last one landed: no loop is possible then.
            if (target >= limit)
                return false;
            if (end < 0)
                end = at + 2;
            at = limit = target;
        }

        return false;
    }

    /// <summary>The length of a name without pointers at the beginning of the bytes; 0 when there is none.</summary>
    internal static int Measure(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (at < bytes.Length && at < Maximum)
        {
            var size = bytes[at];
            if (size == 0)
                return at + 1;
            if (size > 63)
                return 0;
            at += size + 1;
        }

        return 0;
    }

    /// <summary>How many labels a valid name has, without the root's.</summary>
    internal static int CountLabels(ReadOnlySpan<byte> name)
    {
        var count = 0;
        for (var at = 0; name[at] != 0; at += name[at] + 1)
            count++;
        return count;
    }

    /// <summary>Turns the letters A to Z into small ones; lengths are below 64 and so stay as they are (RFC 4343).</summary>
    internal static void ToLower(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var at = 0;
        for (; at + 8 <= source.Length; at += 8)
            BinaryPrimitives.WriteUInt64LittleEndian(target[at..], ToLower(BinaryPrimitives.ReadUInt64LittleEndian(source[at..])));
        for (; at < source.Length; at++)
            target[at] = ToLower(source[at]);
    }

    /// <summary>One letter, made small.</summary>
    internal static byte ToLower(byte letter) => (uint)(letter - 'A') <= 'Z' - 'A' ? (byte)(letter | 0x20) : letter;

    /// <summary>Whether two names are the same but for the case of their letters.</summary>
    internal static bool AreEqual(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (first.Length != second.Length)
            return false;
        var at = 0;
        for (; at + 8 <= first.Length; at += 8)
        {
            if (ToLower(BinaryPrimitives.ReadUInt64LittleEndian(first[at..])) != ToLower(BinaryPrimitives.ReadUInt64LittleEndian(second[at..])))
                return false;
        }

        for (; at < first.Length; at++)
        {
            if (ToLower(first[at]) != ToLower(second[at]))
                return false;
        }

        return true;
    }

    /// <summary>The canonical order of DNSSEC: by labels from the right, as bytes, small letters (RFC 4034, 6.1).</summary>
    internal static int Compare(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        Span<byte> left = stackalloc byte[MaximumLabels], right = stackalloc byte[MaximumLabels];
        var leftCount = Offsets(first, left);
        var rightCount = Offsets(second, right);
        for (var i = 1; i <= leftCount && i <= rightCount; i++)
        {
            var order = CompareLabels(first[left[leftCount - i]..], second[right[rightCount - i]..]);
            if (order != 0)
                return order;
        }

        return leftCount - rightCount;
    }

    /// <summary>Whether a name is another or below it; both valid.</summary>
    internal static bool IsWithin(ReadOnlySpan<byte> name, ReadOnlySpan<byte> ancestor)
    {
        var at = 0;
        while (name.Length - at > ancestor.Length)
            at += name[at] + 1;
        return AreEqual(name[at..], ancestor);
    }

    private static int Offsets(ReadOnlySpan<byte> name, Span<byte> offsets)
    {
        var count = 0;
        for (var at = 0; name[at] != 0; at += name[at] + 1)
            offsets[count++] = (byte)at;
        return count;
    }

    private static int CompareLabels(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int left = first[0], right = second[0];
        for (var i = 1; i <= left && i <= right; i++)
        {
            var order = ToLower(first[i]) - ToLower(second[i]);
            if (order != 0)
                return order;
        }

        return left - right;
    }

    // Sets bit 5 of every byte that is a capital letter; bytes above 127 are left alone.
    private static ulong ToLower(ulong bytes)
    {
        const ulong Ones = 0x0101010101010101;
        var low = bytes & (0x7F * Ones);
        var fromA = low + ((0x80 - 'A') * Ones);
        var afterZ = low + ((0x7F - 'Z') * Ones);
        return bytes | (((fromA ^ afterZ) & ~bytes & (0x80 * Ones)) >> 2);
    }
}
