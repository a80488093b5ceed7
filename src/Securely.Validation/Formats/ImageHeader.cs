using System.Buffers.Binary;

namespace Securely.Validation;

/// <summary>Width and height from the first bytes of PNG, JPEG, GIF, BMP and WebP.</summary>
internal static class ImageHeader
{
    public static bool TryRead(ReadOnlySpan<byte> head, out int width, out int height)
    {
        (width, height) = Read(head);
        return width > 0 && height > 0;
    }

    private static (int Width, int Height) Read(ReadOnlySpan<byte> head)
    {
        if (head.Length >= 8 && head[0] == 0x89 && head[1..8].SequenceEqual("PNG\r\n\u001A\n"u8))
            return head.Length >= 24 ? (BinaryPrimitives.ReadInt32BigEndian(head[16..]), BinaryPrimitives.ReadInt32BigEndian(head[20..])) : default;
        if (head.StartsWith("GIF8"u8))
            return head.Length >= 10 ? (BinaryPrimitives.ReadUInt16LittleEndian(head[6..]), BinaryPrimitives.ReadUInt16LittleEndian(head[8..])) : default;
        if (head.StartsWith("BM"u8))
            return Bmp(head);
        if (head.Length >= 30 && head.StartsWith("RIFF"u8) && head[8..12].SequenceEqual("WEBP"u8))
            return WebP(head);
        return head.Length > 3 && head[0] == 0xFF && head[1] == 0xD8 ? Jpeg(head) : default;
    }

    private static (int Width, int Height) Bmp(ReadOnlySpan<byte> head)
    {
        if (head.Length < 26)
            return default;
        if (BinaryPrimitives.ReadInt32LittleEndian(head[14..]) == 12)
            return (BinaryPrimitives.ReadUInt16LittleEndian(head[18..]), BinaryPrimitives.ReadUInt16LittleEndian(head[20..]));
        var height = BinaryPrimitives.ReadInt32LittleEndian(head[22..]);
        return (BinaryPrimitives.ReadInt32LittleEndian(head[18..]), height == int.MinValue ? 0 : Math.Abs(height));
    }

    private static (int Width, int Height) WebP(ReadOnlySpan<byte> head)
    {
        var kind = head[12..16];
        if (kind.SequenceEqual("VP8X"u8))
            return (1 + (head[24] | (head[25] << 8) | (head[26] << 16)), 1 + (head[27] | (head[28] << 8) | (head[29] << 16)));
        if (kind.SequenceEqual("VP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(head[21..]);
            return ((int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1);
        }

        return kind.SequenceEqual("VP8 "u8)
            ? (BinaryPrimitives.ReadUInt16LittleEndian(head[26..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(head[28..]) & 0x3FFF)
            : default;
    }

    /// <summary>Walks from marker to marker up to the one that begins a frame.</summary>
    private static (int Width, int Height) Jpeg(ReadOnlySpan<byte> head)
    {
        var place = 2;
        while (place + 9 <= head.Length && head[place] == 0xFF)
        {
            var marker = head[place + 1];
            if (marker == 0xFF)
            {
                place++;
                continue;
            }

            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                return (BinaryPrimitives.ReadUInt16BigEndian(head[(place + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(head[(place + 5)..]));
            place += 2 + BinaryPrimitives.ReadUInt16BigEndian(head[(place + 2)..]);
        }

        return default;
    }
}
