using System.Text;
using System.Text.Unicode;

namespace Securely.Http;

/// <summary>One field of a <see cref="HeaderMap"/>: a view that is valid until the map changes or its message ends.</summary>
public readonly ref struct HeaderField
{
    internal HeaderField(KnownHeader known, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Known = known;
        Name = name;
        Value = value;
    }

    /// <summary>Which known name this is; <see cref="KnownHeader.Unknown"/> for all others.</summary>
    public KnownHeader Known { get; }

    /// <summary>The name in the spelling it came with.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The value without the blanks around it.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>The name as text; allocates.</summary>
    public string NameText => Encoding.ASCII.GetString(Name);

    /// <summary>The value as text: UTF-8 where it is valid UTF-8, else Latin-1. Allocates.</summary>
    public string ValueText => HeaderText.Decode(Value);
}

/// <summary>How field values become strings and back.</summary>
internal static class HeaderText
{
    /// <summary>UTF-8 where the bytes are valid UTF-8, else Latin-1, so that no byte makes reading fail.</summary>
    public static string Decode(ReadOnlySpan<byte> value) =>
        value.IsEmpty ? "" : Utf8.IsValid(value) ? Encoding.UTF8.GetString(value) : Encoding.Latin1.GetString(value);
}
