using System.Globalization;

namespace Securely.Validation;

/// <summary>
/// One value of the data under validation: nothing, a boolean, a number, text, a list, a map or an uploaded file. Immutable and safe to share.
/// Kinds are kept apart because rules tell <c>1</c>, <c>1.0</c>, <c>"1"</c> and <c>true</c> apart.
/// </summary>
public readonly partial struct FieldValue : IEquatable<FieldValue>
{
    private readonly object? _reference;
    private readonly long _bits;

    private FieldValue(FieldKind kind, long bits, object? reference)
    {
        Kind = kind;
        _bits = bits;
        _reference = reference;
    }

    /// <summary>What the value is.</summary>
    public FieldKind Kind { get; }

    /// <summary>Whether it is nothing.</summary>
    public bool IsNull => Kind == FieldKind.Null;

    /// <summary>Whether it is a list or a map.</summary>
    public bool IsArray => Kind is FieldKind.List or FieldKind.Map;

    /// <summary>Whether it is a list, or a map whose names are 0, 1, 2 ... in order.</summary>
    public bool IsList => Kind == FieldKind.List || (Kind == FieldKind.Map && MapOf.HasListShape());

    /// <summary>How many entries a list or a map has; 0 for everything else.</summary>
    public int Count => Kind switch
    {
        FieldKind.List => Items.Length,
        FieldKind.Map => MapOf.Count,
        _ => 0,
    };

    internal FieldValue[] Items => (FieldValue[])_reference!;

    private FieldMap MapOf => (FieldMap)_reference!;

    /// <summary>The empty list.</summary>
    public static FieldValue EmptyList { get; } = List([]);

    /// <summary>A value of text; null becomes nothing.</summary>
    public static implicit operator FieldValue(string? text) => text is null ? default : new(FieldKind.Text, 0, text);

    /// <summary>A whole number.</summary>
    public static implicit operator FieldValue(long number) => new(FieldKind.Integer, number, null);

    /// <summary>A number with a fraction.</summary>
    public static implicit operator FieldValue(double number) => new(FieldKind.Float, BitConverter.DoubleToInt64Bits(number), null);

    /// <summary>True or false.</summary>
    public static implicit operator FieldValue(bool flag) => new(FieldKind.Boolean, flag ? 1 : 0, null);

    /// <summary>An uploaded file; null becomes nothing.</summary>
    public static implicit operator FieldValue(Upload? upload) => upload is null ? default : new(FieldKind.Upload, 0, upload);

    /// <summary>Whether both are of the same kind and equal all the way down.</summary>
    public static bool operator ==(FieldValue left, FieldValue right) => left.Equals(right);

    /// <summary>Whether they differ in kind or value.</summary>
    public static bool operator !=(FieldValue left, FieldValue right) => !left.Equals(right);

    /// <summary>A list of values.</summary>
    public static FieldValue List(params ReadOnlySpan<FieldValue> items) => new(FieldKind.List, 0, items.ToArray());

    /// <summary>A map; a name that comes twice keeps its first place and its last value.</summary>
    public static FieldValue Map(params IEnumerable<KeyValuePair<string, FieldValue>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return new(FieldKind.Map, 0, FieldMap.Of(entries));
    }

    /// <summary>The text, or null when it is not text.</summary>
    public string? AsText => Kind == FieldKind.Text ? (string)_reference! : null;

    /// <summary>The whole number, or null when it is none.</summary>
    public long? AsInteger => Kind == FieldKind.Integer ? _bits : null;

    /// <summary>The number, whole or not, or null when it is none.</summary>
    public double? AsFloat => Kind switch
    {
        FieldKind.Float => BitConverter.Int64BitsToDouble(_bits),
        FieldKind.Integer => _bits,
        _ => null,
    };

    /// <summary>True or false, or null when it is neither.</summary>
    public bool? AsBoolean => Kind == FieldKind.Boolean ? _bits != 0 : null;

    /// <summary>The uploaded file, or null when it is none.</summary>
    public Upload? AsUpload => Kind == FieldKind.Upload ? (Upload)_reference! : null;

    /// <summary>The entry at a place of a list or a map, in order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    public KeyValuePair<string, FieldValue> EntryAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return Kind == FieldKind.List ? new(IndexText(index), Items[index]) : new(MapOf.KeyAt(index), MapOf.ValueAt(index));
    }

    /// <summary>The entries of a list (by index) or a map (by name), in order; none for everything else.</summary>
    public IEnumerable<KeyValuePair<string, FieldValue>> Entries()
    {
        var count = Count;
        for (var i = 0; i < count; i++)
            yield return EntryAt(i);
    }

    /// <summary>Finds an entry of a map by name or of a list by its index written in decimal.</summary>
    public bool TryGet(string key, out FieldValue value)
    {
        ArgumentNullException.ThrowIfNull(key);
        var index = IndexOf(key);
        value = index < 0 ? default : ValueAt(index);
        return index >= 0;
    }

    /// <inheritdoc/>
    public bool Equals(FieldValue other)
    {
        if (IsArray && other.IsArray)
            return SameEntries(other);
        if (Kind != other.Kind)
            return false;
        return Kind switch
        {
            FieldKind.Text => string.Equals(AsText, other.AsText, StringComparison.Ordinal),
            FieldKind.Float => AsFloat.GetValueOrDefault() == other.AsFloat.GetValueOrDefault(),
            FieldKind.Upload => ReferenceEquals(_reference, other._reference),
            _ => _bits == other._bits,
        };
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FieldValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Kind switch
    {
        FieldKind.Text => string.GetHashCode(AsText, StringComparison.Ordinal),
        FieldKind.List or FieldKind.Map => Count,
        FieldKind.Upload => _reference!.GetHashCode(),
        FieldKind.Float => AsFloat.GetHashCode(),
        _ => HashCode.Combine(Kind, _bits),
    };

    /// <summary>The value as text: what rules that compare text see. A list or a map is <c>Array</c>.</summary>
    public override string ToString() => PhpText.Of(this);

    internal static bool TryIndex(string key, out int index)
    {
        index = 0;
        return key.Length is > 0 and < 10 && (key[0] != '0' || key.Length == 1) && !key.AsSpan().ContainsAnyExceptInRange('0', '9')
            && int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out index);
    }

    internal int IndexOf(string key) => Kind switch
    {
        FieldKind.Map => MapOf.IndexOf(key),
        FieldKind.List => TryIndex(key, out var index) && index < Items.Length ? index : -1,
        _ => -1,
    };

    internal string KeyAt(int index) => Kind == FieldKind.List ? IndexText(index) : MapOf.KeyAt(index);

    internal FieldValue ValueAt(int index) => Kind == FieldKind.List ? Items[index] : MapOf.ValueAt(index);

    private static string IndexText(int index) => index.ToString(CultureInfo.InvariantCulture);

    private bool SameEntries(FieldValue other)
    {
        var count = Count;
        if (count != other.Count)
            return false;
        for (var i = 0; i < count; i++)
        {
            if (!string.Equals(KeyAt(i), other.KeyAt(i), StringComparison.Ordinal) || !ValueAt(i).Equals(other.ValueAt(i)))
                return false;
        }

        return true;
    }
}
