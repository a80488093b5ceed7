using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Securely.Generators;

/// <summary>Lets types with <c>ConfigOptions</c> read themselves from a section, without reflection.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class ConfigOptionsGenerator : IIncrementalGenerator
{
    private const string Attribute = "Securely.Config.ConfigOptionsAttribute";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var files = context.SyntaxProvider.ForAttributeWithMetadataName(
            Attribute,
            static (node, _) => node is TypeDeclarationSyntax,
            static (found, cancellationToken) => Generate((INamedTypeSymbol)found.TargetSymbol, (TypeDeclarationSyntax)found.TargetNode, found.Attributes[0], cancellationToken));
        context.RegisterSourceOutput(files, static (output, file) => file.AddTo(output));
    }

    private static Generated Generate(INamedTypeSymbol type, TypeDeclarationSyntax declaration, AttributeData attribute, CancellationToken cancellationToken)
    {
        var place = declaration.Identifier.GetLocation();
        if (!declaration.Modifiers.Any(SyntaxKind.PartialKeyword) || type.ContainingType is not null || type.IsGenericType || type.IsAbstract)
            return Refuse(Diagnostic.Create(Problems.Shape, place, type.Name));
        if (!type.InstanceConstructors.Any(constructor => constructor.Parameters.IsEmpty))
            return Refuse(Diagnostic.Create(Problems.Constructor, place, type.Name));
        var problems = ImmutableArray.CreateBuilder<Diagnostic>();
        var properties = new List<OptionsProperty>();
        foreach (var property in type.GetMembers().OfType<IPropertySymbol>().Where(OptionsProperty.IsRead))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (OptionsProperty.Of(property, problems) is { } read)
                properties.Add(read);
        }

        var section = attribute.ConstructorArguments.Length == 1 ? attribute.ConstructorArguments[0].Value as string : null;
        return problems.Count > 0
            ? new Generated("", "", problems.ToImmutable())
            : new Generated($"{type.ToDisplayString()}.ConfigOptions.g.cs", OptionsWriter.Write(type, section ?? "", properties), []);
    }

    private static Generated Refuse(Diagnostic problem) => new("", "", [problem]);
}
