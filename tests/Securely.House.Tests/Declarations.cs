using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Securely.House.Tests;

/// <summary>Questions that several rules ask about a declaration.</summary>
internal static class Declarations
{
    /// <summary>Every type and delegate of a file, nested ones too.</summary>
    public static IEnumerable<MemberDeclarationSyntax> Types(this SourceFile file) =>
        file.Syntax.DescendantNodes().OfType<MemberDeclarationSyntax>().Where(member => member.NameOfType() is { Length: > 0 });

    /// <summary>Name of a type or delegate without its type parameters; null for everything else.</summary>
    public static string? NameOfType(this MemberDeclarationSyntax member) => member switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        DelegateDeclarationSyntax type => type.Identifier.Text,
        _ => null,
    };

    /// <summary>Whether code outside the assembly sees the member: public or protected, and so is every type around it.</summary>
    public static bool IsVisible(this MemberDeclarationSyntax member)
    {
        var ofInterface = member.Parent is InterfaceDeclarationSyntax;
        var seen = Has(member, SyntaxKind.PublicKeyword)
            || (Has(member, SyntaxKind.ProtectedKeyword) && !Has(member, SyntaxKind.PrivateKeyword))
            || (ofInterface && !Has(member, SyntaxKind.PrivateKeyword) && !Has(member, SyntaxKind.InternalKeyword));
        return seen && (member.Parent is not MemberDeclarationSyntax around || around is BaseNamespaceDeclarationSyntax || around.IsVisible());
    }

    /// <summary>Whether the member carries a modifier.</summary>
    public static bool Has(this MemberDeclarationSyntax member, SyntaxKind modifier) => member.Modifiers.Any(modifier);

    /// <summary>Whether the member stands directly in a file or a namespace.</summary>
    public static bool IsOutermost(this MemberDeclarationSyntax member) => member.Parent is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax;

    /// <summary>The last identifier of a type's name: <c>Task</c> for <c>System.Threading.Tasks.Task&lt;int&gt;</c>.</summary>
    public static string LastName(this TypeSyntax type) => type switch
    {
        QualifiedNameSyntax name => name.Right.LastName(),
        AliasQualifiedNameSyntax name => name.Name.LastName(),
        NullableTypeSyntax nullable => nullable.ElementType.LastName(),
        SimpleNameSyntax name => name.Identifier.Text,
        _ => type.ToString(),
    };
}
