using System.Text;

namespace Securely.Http;

/// <summary>
/// The fields of one message, in order and in the spelling they came with. Names are found whatever their case.
/// </summary>
/// <remarks>
/// <para>A parsed map points into the read buffer of its connection; edits go to a storage of its own. So a span or a
/// <see cref="HeaderField"/> is valid until the map is changed or its message ends; take a string to keep a value longer.</para>
/// <para>Values that are set are checked: control characters other than tab are refused, so a value can never add a field or split a
/// message. A value given as a string is written as UTF-8.</para>
/// <para>Not safe for concurrent use. A map that a program makes itself needs no clean-up.</para>
/// </remarks>
public sealed partial class HeaderMap
{
    /// <summary>How many fields there are. A name that occurs twice counts twice.</summary>
    public int Count => _count;

    /// <summary>The field at a position, in the order they came in.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such field.</exception>
    public HeaderField this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_count, nameof(index));
            ref readonly Entry entry = ref _entries[index];
            return new HeaderField(entry.Known, NameOf(in entry), ValueOf(in entry));
        }
    }

    /// <summary>Whether at least one field has this name.</summary>
    /// <param name="name">The name, whatever its case.</param>
    public bool Contains(HeaderName name) => IndexOf(Checked(name)) >= 0;

    /// <summary>The value of the first field of this name; false when there is none.</summary>
    /// <param name="name">The name, whatever its case.</param>
    /// <param name="value">The value, valid until the map changes; empty when there is none.</param>
    public bool TryGet(HeaderName name, out ReadOnlySpan<byte> value)
    {
        int index = IndexOf(Checked(name));
        value = index < 0 ? default : ValueOf(in _entries[index]);
        return index >= 0;
    }

    /// <summary>The value of the first field of this name as text; null when there is none. Allocates.</summary>
    /// <param name="name">The name, whatever its case.</param>
    public string? Get(HeaderName name) => TryGet(name, out var value) ? HeaderText.Decode(value) : null;

    /// <summary>The values of all fields of this name, in order; empty when there is none. Allocates.</summary>
    /// <param name="name">The name, whatever its case.</param>
    public IReadOnlyList<string> GetAll(HeaderName name)
    {
        int index = IndexOf(Checked(name));
        if (index < 0)
        {
            return [];
        }

        var values = new List<string>(1);
        for (; index >= 0; index = IndexOf(name, index + 1))
        {
            values.Add(HeaderText.Decode(ValueOf(in _entries[index])));
        }

        return values;
    }

    /// <summary>Makes this the only field of the name: replaces the first one where it stands and removes the others, or appends.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value; blanks around it are dropped.</param>
    /// <exception cref="ArgumentException">The value holds a control character other than tab.</exception>
    public void Set(HeaderName name, string value)
    {
        CheckValue(Checked(name), value);
        int offset = StoreText(value, out int length);
        SetStored(name, offset, length);
    }

    /// <inheritdoc cref="Set(HeaderName, string)"/>
    public void Set(HeaderName name, ReadOnlySpan<byte> value)
    {
        CheckValue(Checked(name), value);
        value = HttpTokens.Trim(value);
        SetStored(name, Store(value), value.Length);
    }

    /// <summary>Adds a field at the end, whether or not the name occurs already.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value; blanks around it are dropped.</param>
    /// <exception cref="ArgumentException">The value holds a control character other than tab.</exception>
    public void Append(HeaderName name, string value)
    {
        CheckValue(Checked(name), value);
        int offset = StoreText(value, out int length);
        AppendStored(name, offset, length);
    }

    /// <inheritdoc cref="Append(HeaderName, string)"/>
    public void Append(HeaderName name, ReadOnlySpan<byte> value)
    {
        CheckValue(Checked(name), value);
        value = HttpTokens.Trim(value);
        AppendStored(name, Store(value), value.Length);
    }

    /// <summary>Removes all fields of this name; false when there was none.</summary>
    /// <param name="name">The name, whatever its case.</param>
    public bool Remove(HeaderName name)
    {
        int index = IndexOf(Checked(name));
        if (index < 0)
        {
            return false;
        }

        RemoveFrom(index, name);
        if (name.Known != KnownHeader.Unknown)
        {
            Unmark(name.Known);
        }

        return true;
    }

    /// <summary>Removes one field.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such field.</exception>
    public void RemoveAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_count, nameof(index));
        var known = _entries[index].Known;
        _count--;
        _entries.AsSpan(index + 1, _count - index).CopyTo(_entries.AsSpan(index));
        if (known != KnownHeader.Unknown && IndexOfEntry(known, 0) < 0)
        {
            Unmark(known);
        }
    }

    /// <summary>Removes all fields.</summary>
    public void Clear()
    {
        _count = 0;
        _sideLength = 0;
        _presentLow = 0;
        _presentHigh = 0;
        _buffer = [];
        _base = 0;
    }

    /// <summary>
    /// Makes this map a copy of another. Changes to either do not touch the other; a copy of a parsed map is valid as long as the message
    /// that the other was parsed from.
    /// </summary>
    /// <param name="other">The map to copy.</param>
    public void CopyFrom(HeaderMap other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (ReferenceEquals(this, other))
        {
            return;
        }

        Clear();
        EnsureSide(other._sideLength);
        other._side.AsSpan(0, other._sideLength).CopyTo(_side);
        _sideLength = other._sideLength;
        EnsureEntries(other._count);
        other._entries.AsSpan(0, other._count).CopyTo(_entries);
        _count = other._count;
        _presentLow = other._presentLow;
        _presentHigh = other._presentHigh;
        _buffer = other._buffer;
        _base = other._base;
    }

    /// <summary>Walks the fields in order. Do not change the map meanwhile.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>The fields as lines, for a debugger or a log. Allocates.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var field in this)
        {
            text.Append(field.NameText).Append(": ").Append(field.ValueText).Append("\r\n");
        }

        return text.ToString();
    }

    /// <summary>Walks the fields of a map in order.</summary>
    public ref struct Enumerator
    {
        private readonly HeaderMap _map;
        private int _index;

        internal Enumerator(HeaderMap map)
        {
            _map = map;
            _index = -1;
        }

        /// <summary>The field at the current position.</summary>
        public readonly HeaderField Current => _map[_index];

        /// <summary>Goes to the next field; false after the last one.</summary>
        public bool MoveNext() => ++_index < _map._count;
    }
}
