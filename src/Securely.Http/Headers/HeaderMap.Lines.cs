namespace Securely.Http;

/// <content>How fields go on the wire.</content>
public sealed partial class HeaderMap
{
    // Colon, space, CRLF.
    private const int FieldOverhead = 4;

    /// <summary>The most bytes that <see cref="CopyLines"/> writes.</summary>
    internal int GetMaxLength()
    {
        int length = _count * FieldOverhead;
        foreach (ref readonly Entry entry in _entries.AsSpan(0, _count))
        {
            length += (entry.Places & Places.NameUsual) == Places.InBuffer ? entry.NameLength : KnownHeaders.LongestName;
            length += entry.ValueLength;
        }

        return length;
    }

    /// <summary>
    /// Writes all fields as lines and returns how many bytes. Lines that stand one behind the other in the read buffer, unchanged, are
    /// copied as one.
    /// </summary>
    internal int CopyLines(Span<byte> destination)
    {
        int written = 0;
        var entries = _entries.AsSpan(0, _count);
        for (int index = 0; index < entries.Length; index++)
        {
            ref readonly Entry entry = ref entries[index];
            if ((entry.Places & Places.WholeLine) == Places.InBuffer)
            {
                written += CopyLine(in entry, destination[written..]);
                continue;
            }

            int end = entry.ValueOffset + entry.ValueLength + 2;
            while (index + 1 < entries.Length && (entries[index + 1].Places & Places.WholeLine) != Places.InBuffer
                && entries[index + 1].NameOffset == end)
            {
                index++;
                end = entries[index].ValueOffset + entries[index].ValueLength + 2;
            }

            int length = end - entry.NameOffset;
            _buffer.AsSpan(_base + entry.NameOffset, length).CopyTo(destination[written..]);
            written += length;
        }

        return written;
    }

    private int CopyLine(in Entry entry, Span<byte> destination)
    {
        var name = NameOf(in entry);
        var value = ValueOf(in entry);
        name.CopyTo(destination);
        destination = destination[name.Length..];
        destination[0] = (byte)':';
        destination[1] = (byte)' ';
        value.CopyTo(destination[2..]);
        destination = destination[(value.Length + 2)..];
        destination[0] = (byte)'\r';
        destination[1] = (byte)'\n';
        return name.Length + value.Length + FieldOverhead;
    }
}
