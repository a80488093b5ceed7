namespace Securely.Encrypt;

/// <summary>The kinds of <see cref="PhpValue"/>.</summary>
public enum PhpKind
{
    /// <summary>Nothing.</summary>
    Null,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A whole number of 64 bits.</summary>
    WholeNumber,

    /// <summary>A number of floating point.</summary>
    FloatingNumber,

    /// <summary>Bytes; PHP has no other text.</summary>
    Text,

    /// <summary>A list or a map: PHP has one type for both.</summary>
    Array,
}
