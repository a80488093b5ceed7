using Microsoft.CodeAnalysis;

namespace Securely.Generators;

/// <summary>What the generators report.</summary>
internal static class Problems
{
    public static readonly DiagnosticDescriptor Shape = new(
        "SECURELY001", "Options cannot be generated", "[{0}] must be partial, not nested, not generic and not abstract to read itself from a configuration",
        "Securely", DiagnosticSeverity.Error, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor Property = new(
        "SECURELY002", "A property cannot be read", "[{0}] has the type [{1}], which no configuration becomes; use text, a number, a boolean, a duration, an enum, another type with ConfigOptions, a list or map of "
        + "them, or take it out with ConfigIgnore", "Securely", DiagnosticSeverity.Error, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor Bounds = new(
        "SECURELY003", "A range cannot be checked", "[{0}] has a Range that its type [{1}] cannot have; ranges are for int, long and double", "Securely", DiagnosticSeverity.Error, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor Constructor = new(
        "SECURELY004", "Options cannot be made", "[{0}] needs a constructor without parameters to read itself from a configuration", "Securely", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
