using System.Globalization;
using System.Text;

namespace Securely.Encrypt;

/// <summary>A value of PHP that is no object: null, boolean, integer, float, bytes, or an array of them. Immutable.</summary>
public sealed class PhpValue
{
    private readonly long _number;
    private readonly byte[] _bytes = [];

    private PhpValue(PhpKind kind) => Kind = kind;

    private PhpValue(PhpKind kind, long number)
        : this(kind) => _number = number;

    private PhpValue(byte[] bytes)
        : this(PhpKind.Text) => _bytes = bytes;

    private PhpValue(IReadOnlyList<KeyValuePair<PhpValue, PhpValue>> items)
        : this(PhpKind.Array) => Items = items;

    /// <summary>PHP's <c>null</c>.</summary>
    public static PhpValue Null { get; } = new(PhpKind.Null);

    /// <summary>PHP's <c>true</c>.</summary>
    public static PhpValue True { get; } = new(PhpKind.Boolean, 1);

    /// <summary>PHP's <c>false</c>.</summary>
    public static PhpValue False { get; } = new(PhpKind.Boolean, 0);

    /// <summary>What it is.</summary>
    public PhpKind Kind { get; }

    /// <summary>The entries of an array, in order; a key is an integer or bytes. Empty for all else.</summary>
    public IReadOnlyList<KeyValuePair<PhpValue, PhpValue>> Items { get; } = [];

    /// <summary>Whether it is an array with the keys 0, 1, 2 and so on, in this order; the empty array is one.</summary>
    public bool IsList
    {
        get
        {
            if (Kind != PhpKind.Array)
                return false;
            for (var i = 0; i < Items.Count; i++)
            {
                if (Items[i].Key.Kind != PhpKind.WholeNumber || Items[i].Key._number != i)
                    return false;
            }

            return true;
        }
    }

    /// <summary>A whole number.</summary>
    public static PhpValue Of(long value) => new(PhpKind.WholeNumber, value);

    /// <summary>A number of floating point.</summary>
    public static PhpValue Of(double value) => new(PhpKind.FloatingNumber, BitConverter.DoubleToInt64Bits(value));

    /// <summary>True or false.</summary>
    public static PhpValue Of(bool value) => value ? True : False;

    /// <summary>Text, as UTF-8.</summary>
    public static PhpValue Of(string value) => new(Encoding.UTF8.GetBytes(value));

    /// <summary>Bytes; they are copied.</summary>
    public static PhpValue Of(ReadOnlySpan<byte> value) => new(value.ToArray());

    /// <summary>A list: an array with the keys 0, 1, 2 and so on.</summary>
    public static PhpValue List(params IEnumerable<PhpValue> values) =>
        new([.. values.Select((value, i) => KeyValuePair.Create(Of(i), value))]);

    /// <summary>
    /// An array with keys. As in PHP a text that is a whole number is that number, and a key that comes again replaces the value of
    /// the first and keeps its place.
    /// </summary>
    /// <param name="entries">Keys and values.</param>
    /// <exception cref="ArgumentException">A key is neither an integer nor bytes.</exception>
    public static PhpValue Map(params IEnumerable<KeyValuePair<PhpValue, PhpValue>> entries)
    {
        var items = new List<KeyValuePair<PhpValue, PhpValue>>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (key, value) in entries)
        {
            var normal = AsKey(key);
            // Latin-1 keeps bytes apart; the letter keeps the number 1 apart from nothing else that is left.
            var name = normal.Kind == PhpKind.WholeNumber ? normal._number.ToString(CultureInfo.InvariantCulture) : "s" + Encoding.Latin1.GetString(normal._bytes);
            if (places.TryAdd(name, items.Count))
                items.Add(KeyValuePair.Create(normal, value));
            else
                items[places[name]] = KeyValuePair.Create(normal, value);
        }

        return new PhpValue(items);
    }

    /// <summary>The boolean.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public bool AsBoolean() => Expect(PhpKind.Boolean)._number != 0;

    /// <summary>The whole number.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public long AsInteger() => Expect(PhpKind.WholeNumber)._number;

    /// <summary>The number of floating point.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public double AsDouble() => BitConverter.Int64BitsToDouble(Expect(PhpKind.FloatingNumber)._number);

    /// <summary>The bytes of a text.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public ReadOnlySpan<byte> AsBytes() => Expect(PhpKind.Text)._bytes;

    /// <summary>A text, read as UTF-8.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public string AsText() => Encoding.UTF8.GetString(AsBytes());

    /// <summary>The value of a key of an array; null when it has none, or this is no array.</summary>
    /// <param name="key">The key, as text.</param>
    public PhpValue? Get(string key)
    {
        var wanted = AsKey(Of(key));
        foreach (var (name, value) in Items)
        {
            if (name.Kind == wanted.Kind && name._number == wanted._number && name._bytes.AsSpan().SequenceEqual(wanted._bytes))
                return value;
        }

        return null;
    }

    /// <summary>Names the kind; contents may be secret.</summary>
    public override string ToString() => $"PHP {Kind}";

    private static PhpValue AsKey(PhpValue key) => key.Kind switch
    {
        PhpKind.WholeNumber => key,
        PhpKind.Text => IsNumber(key._bytes, out var number) ? Of(number) : key,
        _ => throw new ArgumentException($"A key of an array is an integer or text, and this one is {key.Kind}", nameof(key)),
    };

    private static bool IsNumber(byte[] text, out long number)
    {
        number = 0;
        return text.Length is > 0 and <= 20
            && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
            && Encoding.ASCII.GetString(text) == number.ToString(CultureInfo.InvariantCulture);
    }

    private PhpValue Expect(PhpKind kind) => Kind == kind ? this : throw new InvalidOperationException($"The value is {Kind}, not {kind}");
}
