using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Securely.House.Tests;

/// <summary>A piece of C# that a reader is invited to copy: from a fence of a page, or from an example in a documentation comment.</summary>
/// <remarks>A comment <c>&lt;!-- given: using Xunit; string path = ""; --&gt;</c> before it says what the reader has at hand already.</remarks>
internal sealed partial record Snippet(string Place, string Text, string? Namespace = null, string? NotCompiled = null, string? Given = null)
{
    // What a new project of the SDK has without asking.
    private const string Implicit =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; "
        + "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    /// <summary>The C# fences of one page.</summary>
    public static IEnumerable<Snippet> In(Markdown page) =>
        page.Fences.Where(fence => fence.Language is "csharp" or "cs" or "c#")
            .Select(fence => new Snippet($"{page.Path}:{fence.Line}", fence.Text, NotCompiled: fence.NotCompiled, Given: fence.Given));

    /// <summary>The examples in one file's documentation comments.</summary>
    public static IEnumerable<Snippet> In(SourceFile file)
    {
        var space = file.Syntax.Members.OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString();
        return from comment in file.Syntax.DescendantTrivia().Where(trivia => trivia.HasStructure).Select(trivia => trivia.GetStructure()).OfType<DocumentationCommentTriviaSyntax>()
               from example in comment.Content.OfType<XmlElementSyntax>().Where(element => element.StartTag.Name.ToString() == "example")
               from code in example.DescendantNodes().OfType<XmlElementSyntax>().Where(element => element.StartTag.Name.ToString() == "code")
               let given = GivenComment().Match(example.ToString())
               select new Snippet(file.At(code), XElement.Parse(Slashes().Replace(code.ToString(), "")).Value, space, Given: given.Success ? given.Groups[1].Value : null);
    }

    /// <summary>Compiles the snippet as the whole of a program, or of a library when it only declares.</summary>
    public IEnumerable<string> Errors()
    {
        var unit = Ordered();
        var imports = Namespace is null ? Implicit : $"{Implicit} global using {Namespace};";
        var options = new CSharpCompilationOptions(
            unit.Members.FirstOrDefault() is GlobalStatementSyntax ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
            allowUnsafe: true,
            nullableContextOptions: NullableContextOptions.Enable);
        return CSharpCompilation.Create("Snippet", [Tree(unit), Tree(Parse(imports))], BuiltAssemblies.References, options)
            .GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(diagnostic => $"{Place}: `{LineOf(diagnostic.Location)}`: {diagnostic.GetMessage(CultureInfo.InvariantCulture)}");
    }

    /// <summary>What is given comes first. Readers like to see a class before its call, too; the compiler wants imports, statements, types.</summary>
    private CompilationUnitSyntax Ordered()
    {
        var given = Parse(Given + "\n");
        var own = Parse(Text);
        MemberDeclarationSyntax[] members = [.. given.Members, .. own.Members];
        MemberDeclarationSyntax[] ordered = [.. members.Where(member => member is GlobalStatementSyntax), .. members.Where(member => member is not GlobalStatementSyntax)];
        if (Given is null && members.SequenceEqual(ordered))
            return own;
        return Parse(own.WithUsings([.. given.Usings, .. own.Usings]).WithMembers([.. ordered]).ToFullString());
    }

    private static string? LineOf(Location location) =>
        location.SourceTree?.GetText(TestContext.Current.CancellationToken).Lines[location.GetLineSpan().StartLinePosition.Line].ToString().Trim();

    private static CompilationUnitSyntax Parse(string text) => SyntaxFactory.ParseCompilationUnit(text, options: SourceFile.Options);

    private static SyntaxTree Tree(CompilationUnitSyntax unit) => SyntaxFactory.SyntaxTree(unit, SourceFile.Options);

    [GeneratedRegex("^[ \t]*///[ ]?", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Slashes();

    [GeneratedRegex("<!-- given: (.+) -->", RegexOptions.CultureInvariant)]
    private static partial Regex GivenComment();
}
