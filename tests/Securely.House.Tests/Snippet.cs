using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Securely.House.Tests;

/// <summary>A piece of C# that a reader is invited to copy: from a fence of a page, or from an example in a documentation comment.</summary>
internal sealed partial record Snippet(string Place, string Text, string? Namespace = null, string? NotCompiled = null)
{
    // What a new project of the SDK has without asking.
    private const string Implicit =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; "
        + "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    /// <summary>The C# fences of one page.</summary>
    public static IEnumerable<Snippet> In(Markdown page) =>
        page.Fences.Where(fence => fence.Language is "csharp" or "cs" or "c#")
            .Select(fence => new Snippet($"{page.Path}:{fence.Line}", fence.Text, NotCompiled: fence.NotCompiled));

    /// <summary>The examples in one file's documentation comments.</summary>
    public static IEnumerable<Snippet> In(SourceFile file)
    {
        var space = file.Syntax.Members.OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString();
        return from comment in file.Syntax.DescendantTrivia().Where(trivia => trivia.HasStructure).Select(trivia => trivia.GetStructure()).OfType<DocumentationCommentTriviaSyntax>()
               from example in comment.Content.OfType<XmlElementSyntax>().Where(element => element.StartTag.Name.ToString() == "example")
               from code in example.DescendantNodes().OfType<XmlElementSyntax>().Where(element => element.StartTag.Name.ToString() == "code")
               select new Snippet(file.At(code), XElement.Parse(Slashes().Replace(code.ToString(), "")).Value, space);
    }

    /// <summary>Compiles the snippet as the whole of a program, or of a library when it only declares; the errors, with the snippet's own lines.</summary>
    public IEnumerable<string> Errors()
    {
        var unit = StatementsFirst(SyntaxFactory.ParseCompilationUnit(Text, options: SourceFile.Options));
        var imports = Namespace is null ? Implicit : $"{Implicit} global using {Namespace};";
        var options = new CSharpCompilationOptions(
            unit.Members.FirstOrDefault() is GlobalStatementSyntax ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
            allowUnsafe: true,
            nullableContextOptions: NullableContextOptions.Enable);
        return CSharpCompilation.Create(
                "Snippet",
                [Tree(unit), Tree(SyntaxFactory.ParseCompilationUnit(imports, options: SourceFile.Options))],
                BuiltAssemblies.References,
                options)
            .GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(diagnostic => $"{Place}: line {diagnostic.Location.GetLineSpan().StartLinePosition.Line + 1} of the snippet: {diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}");
    }

    /// <summary>Readers like to see the class before the call, too; the compiler wants statements first.</summary>
    private static CompilationUnitSyntax StatementsFirst(CompilationUnitSyntax unit)
    {
        MemberDeclarationSyntax[] statements = [.. unit.Members.Where(member => member is GlobalStatementSyntax)];
        if (unit.Members.Take(statements.Length).SequenceEqual(statements))
            return unit;
        var ordered = unit.WithMembers([.. statements, .. unit.Members.Except(statements)]);
        return SyntaxFactory.ParseCompilationUnit(ordered.ToFullString(), options: SourceFile.Options);
    }

    private static SyntaxTree Tree(CompilationUnitSyntax unit) => SyntaxFactory.SyntaxTree(unit, SourceFile.Options);

    [GeneratedRegex("^[ \t]*///[ ]?", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Slashes();
}
