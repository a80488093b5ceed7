using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Securely.House.Tests;

/// <summary>Writes what users of an assembly can see: one declaration a line, sorted, so that a change reads as a diff.</summary>
internal static class PublicApi
{
    private const SymbolDisplayGenericsOptions Generics =
        SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints | SymbolDisplayGenericsOptions.IncludeVariance;

    private const SymbolDisplayMemberOptions Parts =
        SymbolDisplayMemberOptions.IncludeAccessibility | SymbolDisplayMemberOptions.IncludeModifiers | SymbolDisplayMemberOptions.IncludeType
        | SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeRef | SymbolDisplayMemberOptions.IncludeConstantValue;

    private const SymbolDisplayParameterOptions Parameters =
        SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeParamsRefOut
        | SymbolDisplayParameterOptions.IncludeDefaultValue | SymbolDisplayParameterOptions.IncludeExtensionThis;

    private const SymbolDisplayMiscellaneousOptions Details =
        SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier
        | SymbolDisplayMiscellaneousOptions.AllowDefaultLiteral;

    private static readonly SymbolDisplayFormat Names = Format(default, SymbolDisplayKindOptions.None);
    private static readonly SymbolDisplayFormat Heads = Format(default, SymbolDisplayKindOptions.IncludeTypeKeyword);
    private static readonly SymbolDisplayFormat Members = Format(Parts, SymbolDisplayKindOptions.IncludeMemberKeyword);

    /// <summary>The text of one assembly, given by its simple name; empty when nothing of it is public.</summary>
    public static string Of(string assemblyName, IEnumerable<MetadataReference> references)
    {
        var compilation = CSharpCompilation.Create("PublicApi", references: references);
        var assembly = compilation.SourceModule.ReferencedAssemblySymbols.SingleOrDefault(one => one.Name == assemblyName)
            ?? throw new FileNotFoundException($"[{assemblyName}] is not among the built assemblies; reference it from Securely.House.Tests");
        var text = new StringBuilder();
        foreach (var type in Types(assembly.GlobalNamespace).OrderBy(type => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat), StringComparer.Ordinal))
            Write(type, text);
        return text.ToString();
    }

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol owner)
    {
        foreach (var member in owner.GetMembers().OfType<INamespaceOrTypeSymbol>())
        {
            if (member is INamedTypeSymbol type && !IsVisible(type))
                continue;
            if (member is INamedTypeSymbol visible)
                yield return visible;
            foreach (var inner in Types(member))
                yield return inner;
        }
    }

    private static void Write(INamedTypeSymbol type, StringBuilder text)
    {
        text.Append(Modifiers(type)).Append(type.ToDisplayString(Heads));
        if (type.TypeKind is TypeKind.Class or TypeKind.Struct or TypeKind.Interface)
        {
            var bases = type.Interfaces.Where(one => one.DeclaredAccessibility == Accessibility.Public).Select(one => one.ToDisplayString(Names)).Order(StringComparer.Ordinal);
            if (type.TypeKind == TypeKind.Class && type.BaseType is { SpecialType: not SpecialType.System_Object } parent)
                bases = bases.Prepend(parent.ToDisplayString(Names)).Order(StringComparer.Ordinal);
            var list = string.Join(", ", bases);
            text.Append(list.Length > 0 ? " : " + list : "");
        }

        text.Append('\n');
        if (type.TypeKind == TypeKind.Delegate)
            return;
        foreach (var line in type.GetMembers().Where(IsListed).Select(Line).Order(StringComparer.Ordinal))
            text.Append("  ").Append(line).Append('\n');
    }

    private static string Line(ISymbol member) =>
        member.ToDisplayString(Members).Replace(" private set;", "", StringComparison.Ordinal).Replace(" internal set;", "", StringComparison.Ordinal);

    // Visible, written by a person, and not an accessor, which its property or event already shows.
    private static bool IsListed(ISymbol member) =>
        IsVisible(member) && member is not INamedTypeSymbol && !member.IsImplicitlyDeclared
        && member is not IMethodSymbol { MethodKind: MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.EventAdd or MethodKind.EventRemove }
        && !(member is IMethodSymbol { MethodKind: MethodKind.Constructor, Parameters.Length: 0 } && member.ContainingType.IsValueType)
        && !member.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "CompilerGeneratedAttribute");

    private static bool IsVisible(ISymbol symbol) => symbol.DeclaredAccessibility switch
    {
        Accessibility.Public => true,
        Accessibility.Protected or Accessibility.ProtectedOrInternal => symbol.ContainingType is { IsSealed: false },
        _ => false,
    };

    private static string Modifiers(INamedTypeSymbol type) => type switch
    {
        { TypeKind: not TypeKind.Class } => "",
        { IsStatic: true } => "static ",
        { IsAbstract: true } => "abstract ",
        { IsSealed: true } => "sealed ",
        _ => "",
    };

    private static SymbolDisplayFormat Format(SymbolDisplayMemberOptions parts, SymbolDisplayKindOptions kinds) => new(
        SymbolDisplayGlobalNamespaceStyle.Omitted,
        SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        Generics,
        parts,
        SymbolDisplayDelegateStyle.NameAndSignature,
        SymbolDisplayExtensionMethodStyle.StaticMethod,
        Parameters,
        SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        kindOptions: kinds,
        miscellaneousOptions: Details);
}
