using System.Buffers;
using System.Globalization;

namespace Securely.Encrypt;

/// <summary>
/// PHP's <c>serialize</c> and <c>unserialize</c> for everything but objects and references: those run code of the reader's program, so
/// they are refused.
/// </summary>
public static class PhpSerializer
{
    /// <summary>How deep arrays may lie in one another.</summary>
    public const int MaxDepth = 128;

    /// <summary>Writes a value.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentException">Arrays lie in one another deeper than <see cref="MaxDepth"/>.</exception>
    public static byte[] Serialize(PhpValue value)
    {
        var writer = new ArrayBufferWriter<byte>();
        Write(writer, value, 0);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a value. Time and memory are bounded by a multiple of the text's length.</summary>
    /// <param name="text">What <c>serialize</c> wrote.</param>
    /// <param name="strict">False passes over what follows the value, as PHP does.</param>
    /// <exception cref="FormatException">It is no such text, or has an object, or is too deep.</exception>
    public static PhpValue Deserialize(ReadOnlySpan<byte> text, bool strict = true)
    {
        var reader = new PhpReader(text);
        var value = reader.Read(0);
        return strict && !reader.IsAtEnd ? throw new FormatException("Something follows the serialised PHP value") : value;
    }

    private static void Write(ArrayBufferWriter<byte> writer, PhpValue value, int depth)
    {
        switch (value.Kind)
        {
            case PhpKind.Null:
                writer.Write("N;"u8);
                break;
            case PhpKind.Boolean:
                writer.Write(value.AsBoolean() ? "b:1;"u8 : "b:0;"u8);
                break;
            case PhpKind.WholeNumber:
                Put(writer, $"i:{value.AsInteger()};");
                break;
            case PhpKind.FloatingNumber:
                Put(writer, $"d:{PhpDouble.Format(value.AsDouble())};");
                break;
            case PhpKind.Text:
                var bytes = value.AsBytes();
                Put(writer, $"s:{bytes.Length}:\"");
                writer.Write(bytes);
                writer.Write("\";"u8);
                break;
            default:
                WriteArray(writer, value, depth);
                break;
        }
    }

    private static void WriteArray(ArrayBufferWriter<byte> writer, PhpValue array, int depth)
    {
        if (depth == MaxDepth)
            throw new ArgumentException($"Arrays lie in one another deeper than {MaxDepth}", nameof(array));
        Put(writer, $"a:{array.Items.Count}:{{");
        foreach (var (key, value) in array.Items)
        {
            Write(writer, key, depth + 1);
            Write(writer, value, depth + 1);
        }

        writer.Write("}"u8);
    }

    private static void Put(ArrayBufferWriter<byte> writer, FormattableString text)
    {
        foreach (var letter in text.ToString(CultureInfo.InvariantCulture))
            writer.Write([(byte)letter]);
    }
}
