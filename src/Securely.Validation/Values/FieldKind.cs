using System.Diagnostics.CodeAnalysis;

namespace Securely.Validation;

/// <summary>What a <see cref="FieldValue"/> holds.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "Forms know whole numbers and fractions, not the types of a language.")]
public enum FieldKind
{
    /// <summary>Nothing: JSON's null. Also the default of <see cref="FieldValue"/>.</summary>
    Null,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A whole number of 64 bits.</summary>
    Integer,

    /// <summary>A number with a fraction, or one that does not fit in 64 bits.</summary>
    Float,

    /// <summary>Text.</summary>
    Text,

    /// <summary>Values in order.</summary>
    List,

    /// <summary>Values by name, in order.</summary>
    Map,

    /// <summary>An uploaded file.</summary>
    Upload,
}
