using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Securely.Generators;

/// <summary>One property of options, and the expression that reads it from <c>section</c>; <c>{0}</c> in it is what an absent key means.</summary>
internal sealed class OptionsProperty
{
    private const string Config = "Securely.Config.";

    private OptionsProperty(string name, string key, string type, bool isRequired, string expression)
    {
        Name = name;
        Key = key;
        Type = type;
        IsRequired = isRequired;
        Expression = expression;
    }

    public string Name { get; }

    public string Key { get; }

    public string Type { get; }

    public bool IsRequired { get; }

    public string Expression { get; }

    /// <summary>Whether a property is one of the configuration: public, of the object, and one that can be set.</summary>
    public static bool IsRead(IPropertySymbol property) =>
        property is { DeclaredAccessibility: Accessibility.Public, IsStatic: false, IsIndexer: false, SetMethod.DeclaredAccessibility: Accessibility.Public }
        && Find(property, "ConfigIgnoreAttribute") is null;

    /// <summary>How to read it; null, and a problem, when no configuration becomes its type.</summary>
    public static OptionsProperty? Of(IPropertySymbol property, ImmutableArray<Diagnostic>.Builder problems)
    {
        var key = Find(property, "ConfigKeyAttribute")?.ConstructorArguments[0].Value as string ?? Names.ToKey(property.Name);
        var range = property.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass?.ToDisplayString() == "System.ComponentModel.DataAnnotations.RangeAttribute");
        var bounds = range is null ? null : Bounds(range, property.Type);
        if (range is not null && bounds is null)
            problems.Add(Diagnostic.Create(Problems.Bounds, property.Locations[0], property.Name, property.Type.ToDisplayString()));
        // The expression is a format, in which braces of the key are none.
        var expression = Read(property.Type, Names.Literal(key).Replace("{", "{{").Replace("}", "}}"), property.Name, bounds);
        if (expression is null)
        {
            problems.Add(Diagnostic.Create(Problems.Property, property.Locations[0], property.Name, property.Type.ToDisplayString()));
            return null;
        }

        return new OptionsProperty(property.Name, key, Plain(property.Type), property.IsRequired, expression);
    }

    private static string? Read(ITypeSymbol type, string key, string name, string? bounds)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
            return Scalar(nullable.TypeArguments[0], key, bounds, "({0} ?? default)") is { } value ? $"section.HasValue({key}) ? ({Plain(type)}){value} : {{0}}" : Section(nullable.TypeArguments[0], key, name);
        if (type.NullableAnnotation == NullableAnnotation.Annotated && type.SpecialType == SpecialType.System_String)
            return $"section.TextOrNull({key}, mayBeEmpty: true) ?? {{0}}";
        return Scalar(type, key, bounds, "{0}") ?? Section(type, key, name) ?? Many(type, key);
    }

    private static string? Scalar(ITypeSymbol type, string key, string? bounds, string otherwise)
    {
        if (type.SpecialType == SpecialType.System_String)
            return $"section.Text({key}, {otherwise}, mayBeEmpty: true)";
        if (type.SpecialType == SpecialType.System_Boolean)
            return $"section.Boolean({key}, {otherwise})";
        if (type.SpecialType == SpecialType.System_Int32)
            return $"section.Integer({key}, {otherwise}, {bounds ?? "int.MinValue, int.MaxValue"})";
        if (type.TypeKind == TypeKind.Enum)
            return $"section.OneOf({key}, {otherwise}, {EnumNames(type)})";
        return type.ToDisplayString() switch
        {
            "System.TimeSpan" => $"section.Duration({key}, {otherwise}, global::System.TimeSpan.Zero, global::System.TimeSpan.MaxValue)",
            Config + "ConfigRate" => $"section.Rate({key}, {otherwise})",
            _ when ParsesItself(type) => bounds is null ? $"section.Parsed({key}, {otherwise})" : $"section.Parsed({key}, {otherwise}, {bounds})",
            _ => null,
        };
    }

    private static string? Section(ITypeSymbol type, string key, string name) =>
        IsOptions(type) ? $"section.Map({key}) is {{{{ }}}} map{name} ? map{name}.Bind<{Plain(type)}>() : {{0}}" : null;

    /// <summary>Lists and maps, as whatever collection the property has.</summary>
    private static string? Many(ITypeSymbol type, string key)
    {
        if (type is IArrayTypeSymbol { Rank: 1 } array)
            return List(type, array.ElementType, key);
        if (type is not INamedTypeSymbol { IsGenericType: true } named)
            return null;
        var kind = named.OriginalDefinition.ToDisplayString();
        var isList = kind is "System.Collections.Generic.IReadOnlyList<T>" or "System.Collections.Generic.IReadOnlyCollection<T>" or "System.Collections.Generic.IEnumerable<T>"
            or "System.Collections.Generic.IList<T>" or "System.Collections.Generic.ICollection<T>" or "System.Collections.Generic.List<T>";
        if (isList)
            return List(type, named.TypeArguments[0], key);
        var isMap = kind is "System.Collections.Generic.IReadOnlyDictionary<TKey, TValue>" or "System.Collections.Generic.IDictionary<TKey, TValue>" or "System.Collections.Generic.Dictionary<TKey, TValue>";
        if (!isMap || named.TypeArguments[0].SpecialType != SpecialType.System_String)
            return null;
        var value = named.TypeArguments[1];
        var dictionary = $"global::System.Collections.Generic.Dictionary<string, {Plain(value)}>";
        if (value.SpecialType == SpecialType.System_String)
            return $"section.Has({key}) ? new {dictionary}(section.TextMap({key}, mayBeEmpty: true), global::System.StringComparer.Ordinal) : {{0}}";
        return IsOptions(value)
            ? $"section.Has({key}) ? global::System.Linq.Enumerable.ToDictionary(section.NamedMaps({key}), static item => item.Key, static item => item.Bind<{Plain(value)}>(), global::System.StringComparer.Ordinal) : {{0}}"
            : null;
    }

    private static string? List(ITypeSymbol type, ITypeSymbol item, string key)
    {
        if (item.SpecialType == SpecialType.System_String)
            return $"section.Has({key}) ? ({Plain(type)})[.. section.Texts({key})] : {{0}}";
        return IsOptions(item)
            ? $"section.Has({key}) ? ({Plain(type)})[.. global::System.Linq.Enumerable.Select(section.Maps({key}), static item => item.Bind<{Plain(item)}>())] : {{0}}"
            : null;
    }

    private static string EnumNames(ITypeSymbol type)
    {
        var names = type.GetMembers().OfType<IFieldSymbol>().Where(field => field.HasConstantValue)
            .Select(field => $"{{{{ {Names.Literal(Names.ToKey(field.Name))}, {Plain(type)}.{field.Name} }}}}");
        return $"new global::System.Collections.Generic.Dictionary<string, {Plain(type)}>(global::System.StringComparer.Ordinal) {{{{ {string.Join(", ", names)} }}}}";
    }

    private static string? Bounds(AttributeData range, ITypeSymbol type)
    {
        var inner = type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : type;
        var suffix = inner.SpecialType switch { SpecialType.System_Int32 => "", SpecialType.System_Int64 => "L", SpecialType.System_Double => "D", _ => null };
        if (suffix is null || range.ConstructorArguments.Length != 2 || (suffix != "D" && range.ConstructorArguments[0].Value is not int))
            return null;
        return string.Join(", ", range.ConstructorArguments.Select(bound => Convert.ToString(bound.Value, CultureInfo.InvariantCulture) + suffix));
    }

    private static bool ParsesItself(ITypeSymbol type) =>
        type.AllInterfaces.Any(one => one.OriginalDefinition.ToDisplayString() == "System.ISpanParsable<TSelf>" && SymbolEqualityComparer.Default.Equals(one.TypeArguments[0], type));

    private static bool IsOptions(ITypeSymbol type) => type.GetAttributes().Any(attribute => attribute.AttributeClass?.ToDisplayString() == Config + "ConfigOptionsAttribute");

    private static AttributeData? Find(IPropertySymbol property, string name) =>
        property.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass?.ToDisplayString() == Config + name);

    private static string Plain(ITypeSymbol type) => type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
}
