using System.Buffers.Binary;

namespace Securely.Dns;

/// <summary>
/// Finds names again that a message already has. It remembers a fixed number of them by hash, so that a message of many names costs no more for
/// each (an endless table once was an attack on a server's processor). Reused; one thread at a time.
/// </summary>
internal sealed class NameCompressor
{
    private const int Slots = 256;
    private const int Probes = 4;
    private readonly (uint Hash, ushort Offset)[] _known = new (uint, ushort)[Slots];
    private readonly NameKey _key = new();

    /// <summary>Begins another message.</summary>
    internal void Clear() => Array.Clear(_known);

    /// <summary>Writes a name, its longest known ending as a pointer.</summary>
    /// <returns>How many bytes; -1 when it does not fit.</returns>
    internal int Write(ReadOnlySpan<byte> name, Span<byte> message, int at)
    {
        _key.TryLoad(name);
        var start = at;
        for (var away = 0; away < _key.Labels; away++)
        {
            var known = Find(away, message[..start]);
            if (known >= 0)
            {
                if (at + 2 > message.Length)
                    return -1;
                BinaryPrimitives.WriteUInt16BigEndian(message[at..], (ushort)(ResponseWriter.Pointer | known));
                return at + 2 - start;
            }

            var label = name[_key.Offset(away)] + 1;
            if (at + label >= message.Length)
                return -1;
            name.Slice(_key.Offset(away), label).CopyTo(message[at..]);
            Remember(away, at);
            at += label;
        }

        if (at >= message.Length)
            return -1;
        message[at] = 0;
        return at + 1 - start;
    }

    private int Find(int away, ReadOnlySpan<byte> message)
    {
        var hash = _key.Hash(away) | 1;
        for (var probe = 0; probe < Probes; probe++)
        {
            var (known, offset) = _known[(hash + probe) % Slots];
            if (known == hash && IsAt(message, offset, _key.Ancestor(away)))
                return offset;
        }

        return -1;
    }

    private void Remember(int away, int at)
    {
        if (at > 0x3FFF)
            return;
        var hash = _key.Hash(away) | 1;
        for (var probe = 0; probe < Probes; probe++)
        {
            ref var slot = ref _known[(hash + probe) % Slots];
            if (slot.Hash != 0)
                continue;
            slot = (hash, (ushort)at);
            return;
        }
    }

    // Compared for real, through the pointers that were written.
    private static bool IsAt(ReadOnlySpan<byte> message, int offset, ReadOnlySpan<byte> name)
    {
        Span<byte> other = stackalloc byte[WireName.Maximum];
        return WireName.TryRead(message, ref offset, other, out var length) && WireName.AreEqual(other[..length], name);
    }
}
