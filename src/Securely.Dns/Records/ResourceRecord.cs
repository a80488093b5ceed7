using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Securely.Dns.Records;

/// <summary>One record: an owner and what is said of it. Immutable, for any thread. Two are equal when they say the same, TTLs aside.</summary>
public sealed class ResourceRecord : IEquatable<ResourceRecord>
{
    private readonly byte[] _data;

    /// <summary>Makes a record of class IN from bytes as they stand in messages, names without pointers.</summary>
    /// <param name="name">The owner.</param>
    /// <param name="type">The type.</param>
    /// <param name="ttl">How long it may be kept, in seconds; over 2^31-1 it means 0 (RFC 2181, 8).</param>
    /// <param name="data">The data; copied.</param>
    /// <param name="recordClass">The class. Default: IN.</param>
    /// <exception cref="FormatException">The data is not of that type, or longer than 65,535 bytes.</exception>
    public ResourceRecord(DomainName name, RecordType type, uint ttl, ReadOnlySpan<byte> data, RecordClass recordClass = RecordClass.In)
        : this(name, type, ttl, data.ToArray(), recordClass)
    {
        // An update has records without data, whose class says what they ask for (RFC 2136, 2.4).
        var isBare = data.IsEmpty && recordClass is RecordClass.Any or RecordClass.None;
        if (data.Length > FieldWire.Maximum || (!isBare && !FieldWire.IsValid(type, data)))
            throw new FormatException($"The bytes are not data of type [{RecordSchema.NameOf(type)}].");
    }

    private ResourceRecord(DomainName name, RecordType type, uint ttl, byte[] data, RecordClass recordClass)
    {
        Name = name;
        Type = type;
        Ttl = ttl > int.MaxValue ? 0 : ttl;
        Class = recordClass;
        _data = data;
    }

    /// <summary>The owner.</summary>
    public DomainName Name { get; }

    /// <summary>The type.</summary>
    public RecordType Type { get; }

    /// <summary>The class.</summary>
    public RecordClass Class { get; }

    /// <summary>How long it may be kept, in seconds: 0 to 2^31-1.</summary>
    public uint Ttl { get; }

    /// <summary>The data as it stands in messages, names without pointers and in the case they were written in.</summary>
    public ReadOnlyMemory<byte> Data => _data;

    /// <summary>The data as a zone file has it.</summary>
    public string DataText
    {
        get
        {
            var text = new StringBuilder();
            RecordFormatter.Format(Type, _data, text);
            return text.ToString();
        }
    }

    /// <summary>Reads a type's name: <c>MX</c>, or <c>TYPE65280</c>.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <param name="type">The type.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParseType(string? name, out RecordType type)
    {
        type = RecordType.None;
        return name is not null && RecordSchema.TryFind(name, out type);
    }

    /// <summary>How zone files call a type: <c>MX</c>, or <c>TYPE65280</c> for one without a name.</summary>
    /// <param name="type">The type.</param>
    /// <returns>A text that <see cref="TryParseType"/> reads.</returns>
    public static string TypeName(RecordType type) => RecordSchema.NameOf(type);

    /// <summary>Reads a record of class IN whose data is written as a zone file has it.</summary>
    /// <param name="name">The owner.</param>
    /// <param name="type">The type.</param>
    /// <param name="ttl">How long it may be kept, in seconds.</param>
    /// <param name="dataText">The data; names in it are absolute, with or without their final dot.</param>
    /// <returns>The record.</returns>
    /// <exception cref="FormatException">The data is not of that type.</exception>
    public static ResourceRecord Parse(DomainName name, RecordType type, uint ttl, string dataText)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(dataText);
        var lexer = new ZoneLexer(dataText);
        var parser = new RecordParser();
        lexer.Next(leading: false);
        var error = lexer.Error?.Message ?? parser.Parse(type, dataText, lexer.Tokens, 0, lexer.Count, DomainName.Root);
        return error is null
            ? OfValid(name, type, ttl, parser.Data.ToArray())
            : throw new FormatException($"The {RecordSchema.NameOf(type)} data [{dataText}] {error}.");
    }

    /// <inheritdoc/>
    public bool Equals([NotNullWhen(true)] ResourceRecord? other) =>
        other is not null && Type == other.Type && Class == other.Class && Name.Equals(other.Name) && FieldWire.AreEqual(Type, _data, other._data);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ResourceRecord other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Type, _data.Length);

    /// <summary>The record as one line of a zone file.</summary>
    /// <returns>Owner, TTL, class, type and data.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        NameText.Format(Name.Wire, text);
        text.Append(CultureInfo.InvariantCulture, $" {Ttl} {NameOf(Class)} {RecordSchema.NameOf(Type)} ");
        RecordFormatter.Format(Type, _data, text);
        return text.ToString();
    }

    /// <summary>Takes data that is known to be valid, without a copy.</summary>
    internal static ResourceRecord OfValid(DomainName name, RecordType type, uint ttl, byte[] data, RecordClass recordClass = RecordClass.In) =>
        new(name, type, ttl, data, recordClass);

    /// <summary>How zone files call a class.</summary>
    internal static string NameOf(RecordClass recordClass) => recordClass switch
    {
        RecordClass.In => "IN",
        RecordClass.Chaos => "CH",
        RecordClass.Hesiod => "HS",
        RecordClass.None => "NONE",
        RecordClass.Any => "ANY",
        _ => string.Create(CultureInfo.InvariantCulture, $"CLASS{(ushort)recordClass}"),
    };
}
