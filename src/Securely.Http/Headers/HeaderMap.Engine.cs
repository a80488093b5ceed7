using System.Runtime.CompilerServices;
using System.Text;

namespace Securely.Http;

/// <content>What the engine uses: known names, and values that are already known to be clean.</content>
public sealed partial class HeaderMap
{
    /// <summary>
    /// A bit for each known name below 64 that is present: bit n stands for (KnownHeader)n, bit 0 for any unknown name. All names that
    /// framing and forwarding ask for are below 64.
    /// </summary>
    internal ulong Present => _presentLow;

    /// <summary>Whether a known name is present; costs a shift.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool ContainsKnown(KnownHeader known) => (((((int)known & 64) == 0 ? _presentLow : _presentHigh) >> (int)known) & 1) != 0;

    /// <summary>The value of the first field of a known name. Costs nothing when the name is absent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryGetKnown(KnownHeader known, out ReadOnlySpan<byte> value)
    {
        if (!ContainsKnown(known))
        {
            value = default;
            return false;
        }

        value = ValueOf(in _entries[IndexOfEntry(known, 0)]);
        return true;
    }

    /// <summary>The position of the next field of a known name from <paramref name="start"/> on; -1 when there is none.</summary>
    internal int IndexOfKnown(KnownHeader known, int start = 0) => ContainsKnown(known) ? IndexOfEntry(known, start) : -1;

    /// <summary>The value of a field by position, without a check of the position.</summary>
    internal ReadOnlySpan<byte> ValueAt(int index) => ValueOf(in _entries[index]);

    /// <summary>How many fields have a known name.</summary>
    internal int CountKnown(KnownHeader known)
    {
        int count = 0;
        for (int index = IndexOfKnown(known); index >= 0; index = IndexOfEntry(known, index + 1))
        {
            count++;
        }

        return count;
    }

    /// <summary>Removes all fields of a known name; costs nothing when it is absent.</summary>
    internal bool RemoveKnown(KnownHeader known)
    {
        if (!ContainsKnown(known))
        {
            return false;
        }

        RemoveFrom(IndexOfEntry(known, 0), new HeaderName(known));
        Unmark(known);
        return true;
    }

    /// <summary>
    /// Removes all fields whose known name has its bit in <paramref name="names"/> (see <see cref="Present"/>), in one pass.
    /// </summary>
    internal void RemoveKnown(ulong names)
    {
        names &= _presentLow & ~1UL;
        if (names == 0)
        {
            return;
        }

        var entries = _entries;
        int kept = 0;
        for (int index = 0; index < _count; index++)
        {
            int known = (int)entries[index].Known;
            if (known >= 64 || ((names >> known) & 1) == 0)
            {
                entries[kept++] = entries[index];
            }
        }

        _count = kept;
        _presentLow &= ~names;
    }

    /// <summary>Removes all fields of a name that is not a known one.</summary>
    internal void RemoveOther(ReadOnlySpan<byte> name)
    {
        for (int index = IndexOfOther(name, 0); index >= 0; index = IndexOfOther(name, index))
        {
            RemoveAt(index);
        }
    }

    /// <summary>
    /// Adds a field with a known name in its usual spelling. The value is trusted: trimmed and free of control characters.
    /// </summary>
    internal void AppendKnown(KnownHeader known, ReadOnlySpan<byte> value)
    {
        int offset = Store(value);
        AppendStored(new HeaderName(known), offset, value.Length);
    }

    /// <summary>Sets the only field of a known name. The value is trusted: trimmed and free of control characters.</summary>
    internal void SetKnown(KnownHeader known, ReadOnlySpan<byte> value) => SetStored(new HeaderName(known), Store(value), value.Length);

    /// <summary>
    /// Adds a field whose name and value are trusted, keeping the spelling of the name; for decoders that have checked both. A name has at
    /// most 65,535 bytes.
    /// </summary>
    internal void AppendChecked(KnownHeader known, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, ushort.MaxValue, nameof(name));
        // Room for both first: either may lie in the side storage that is about to be replaced.
        int offset = StorePair(name, value);
        EnsureEntries(_count + 1);
        _entries[_count++] = new Entry
        {
            NameOffset = offset,
            NameLength = (ushort)name.Length,
            ValueOffset = offset + name.Length,
            ValueLength = value.Length,
            Known = known,
            Places = Places.NameInSide | Places.ValueInSide,
        };
        Mark(known);
    }

    private int StorePair(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        byte[]? old = GrowSide(name.Length + value.Length);
        int offset = _sideLength;
        name.CopyTo(_side.AsSpan(offset));
        value.CopyTo(_side.AsSpan(offset + name.Length));
        _sideLength += name.Length + value.Length;
        if (old is not null)
        {
            ThreadArrays<byte>.Return(old, FirstSideBytes);
        }

        return offset;
    }

    /// <summary>Makes stored bytes the only value of a name.</summary>
    private void SetStored(HeaderName name, int offset, int length)
    {
        int index = IndexOf(name);
        if (index < 0)
        {
            AppendStored(name, offset, length);
            return;
        }

        ref Entry entry = ref _entries[index];
        entry.ValueOffset = offset;
        entry.ValueLength = length;
        entry.Places = (entry.Places | Places.ValueInSide) & ~Places.WholeLine;
        RemoveFrom(index + 1, name);
    }

    /// <summary>Adds a field whose value is stored already.</summary>
    private void AppendStored(HeaderName name, int offset, int length)
    {
        EnsureEntries(_count + 1);
        int index = _count++;
        _entries[index] = new Entry
        {
            ValueOffset = offset,
            ValueLength = length,
            Known = name.Known,
            Places = Places.ValueInSide | (name.Known != KnownHeader.Unknown ? Places.NameUsual : Places.NameInSide),
        };
        if (name.Known == KnownHeader.Unknown)
        {
            // Storing may move what is stored, so the entry has to hold the value by now.
            _entries[index].NameOffset = Store(name.Bytes);
            _entries[index].NameLength = (ushort)name.Bytes.Length;
        }

        Mark(name.Known);
    }

    /// <summary>Removes the fields of a name from a position on, in one pass.</summary>
    private void RemoveFrom(int start, HeaderName name)
    {
        int next = IndexOf(name, start);
        if (next < 0)
        {
            return;
        }

        int kept = next;
        for (int index = next; index < _count; index++)
        {
            if (index == next)
            {
                next = IndexOf(name, index + 1);
            }
            else
            {
                _entries[kept++] = _entries[index];
            }
        }

        _count = kept;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int IndexOf(HeaderName name, int start = 0) =>
        !ContainsKnown(name.Known) ? -1
        : name.Known != KnownHeader.Unknown ? IndexOfEntry(name.Known, start) : IndexOfOther(name.Bytes, start);

    private int IndexOfEntry(KnownHeader known, int start)
    {
        var entries = _entries;
        for (int index = start; index < _count; index++)
        {
            if (entries[index].Known == known)
            {
                return index;
            }
        }

        return -1;
    }

    private int IndexOfOther(ReadOnlySpan<byte> name, int start)
    {
        for (int index = start; index < _count; index++)
        {
            ref readonly Entry entry = ref _entries[index];
            if (entry.Known == KnownHeader.Unknown && entry.NameLength == name.Length && Ascii.EqualsIgnoreCase(NameOf(in entry), name))
            {
                return index;
            }
        }

        return -1;
    }

    private static HeaderName Checked(HeaderName name) => name.Known != KnownHeader.Unknown || !name.Bytes.IsEmpty
        ? name
        : throw new ArgumentException("The header name is the default value; make one with HeaderName.Parse.", nameof(name));

    private static void CheckValue(HeaderName name, ReadOnlySpan<byte> value)
    {
        if (value.ContainsAny(HttpTokens.Controls))
        {
            throw BadValue(name);
        }
    }

    private static void CheckValue(HeaderName name, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.AsSpan().ContainsAny(HttpTokens.ControlsText))
        {
            throw BadValue(name);
        }
    }

    private static ArgumentException BadValue(HeaderName name) =>
        new($"The value of header [{name}] holds a control character (CR, LF, NUL or another); remove or encode it.", nameof(name));
}
