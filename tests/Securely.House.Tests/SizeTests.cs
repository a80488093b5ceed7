using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Securely.House.Tests;

/// <summary>300 lines a file and 40 a method are wanted; 600 and 80 are refused. What lies between stands on a list that may only shrink.</summary>
public sealed class SizeTests
{
    private const int FileWanted = 300;
    private const int FileRefused = 600;
    private const int MethodWanted = 40;
    private const int MethodRefused = 80;
    private const string FileList = "tests/Securely.House.Tests/allow-files.txt";
    private const string MethodList = "tests/Securely.House.Tests/allow-methods.txt";

    [Fact]
    public void Files_are_short() => Complaints.None(Judge(Files(Repository.Sources), Allowed(FileList), FileWanted, FileRefused, FileList));

    [Fact]
    public void Methods_are_short() => Complaints.None(Judge(Methods(Repository.Sources), Allowed(MethodList), MethodWanted, MethodRefused, MethodList));

    [Theory]
    [InlineData(300, false, null)]
    [InlineData(301, false, "has 301 lines, 300 are wanted")]
    [InlineData(301, true, null)]
    [InlineData(600, true, null)]
    [InlineData(601, true, "has 601 lines, 600 are the most")]
    [InlineData(300, true, "is no longer needed")]
    public void A_file_is_judged_by_its_lines(int lines, bool listed, string? complaint)
    {
        var file = new SourceFile("src/X/Y.cs", string.Concat(Enumerable.Repeat("// line\n", lines)));
        Expect(complaint, Judge(Files([file]), listed ? [file.Path] : [], FileWanted, FileRefused, FileList));
    }

    [Theory]
    [InlineData(40, false, null)]
    [InlineData(41, false, "has 41 lines, 40 are wanted")]
    [InlineData(41, true, null)]
    [InlineData(81, true, "has 81 lines, 80 are the most")]
    [InlineData(12, true, "is no longer needed")]
    public void A_method_is_judged_by_its_lines(int lines, bool listed, string? complaint)
    {
        var body = string.Concat(Enumerable.Repeat("        Call();\n", lines - 3));
        var file = new SourceFile("src/X/Y.cs", $"class Y\n{{\n    /// <summary>Not counted.</summary>\n    void Work()\n    {{\n{body}    }}\n}}\n");
        Expect(complaint, Judge(Methods([file]), listed ? ["src/X/Y.cs Y.Work"] : [], MethodWanted, MethodRefused, MethodList));
    }

    [Fact]
    public void Constructors_accessors_and_operators_are_methods_too()
    {
        var lines = string.Concat(Enumerable.Repeat("\n", 50));
        var file = new SourceFile("a.cs", $"class Y {{ Y() {{ {lines} }} int P {{ get {{ {lines} }} }} int this[int i] => {lines} i; public static Y operator +(Y a, Y b) {{ {lines} }} }}");
        Assert.Equal(["a.cs Y.Y", "a.cs Y.P", "a.cs Y.this", "a.cs Y.+"], Judge(Methods([file]), [], MethodWanted, MethodRefused, MethodList).Select(Name));

        static string Name(string complaint) => complaint[..complaint.IndexOf(" has", StringComparison.Ordinal)];
    }

    private static void Expect(string? complaint, IEnumerable<string> complaints)
    {
        if (complaint is null)
            Assert.Empty(complaints);
        else
            Complaints.One(complaints, complaint);
    }

    private static IEnumerable<Measured> Files(IEnumerable<SourceFile> sources) =>
        sources.Select(file => new Measured(file.Path, file.Text.AsSpan().TrimEnd('\n').Count('\n') + 1));

    private static IEnumerable<Measured> Methods(IEnumerable<SourceFile> sources) =>
        from file in sources
        from node in file.Syntax.DescendantNodes()
        let name = NameOf(node)
        where name is not null
        group SourceFile.Lines(node) by $"{file.Path} {name}" into overloads
        select new Measured(overloads.Key, overloads.Max());

    private static string? NameOf(SyntaxNode node)
    {
        var member = node switch
        {
            MethodDeclarationSyntax method => method.Identifier.Text,
            ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
            DestructorDeclarationSyntax destructor => "~" + destructor.Identifier.Text,
            OperatorDeclarationSyntax operation => operation.OperatorToken.Text,
            ConversionOperatorDeclarationSyntax conversion => conversion.Type.ToString(),
            PropertyDeclarationSyntax property => property.Identifier.Text,
            IndexerDeclarationSyntax => "this",
            _ => null,
        };
        return member is null ? null : $"{node.Ancestors().OfType<TypeDeclarationSyntax>().FirstOrDefault()?.Identifier.Text}.{member}";
    }

    private static IEnumerable<string> Judge(IEnumerable<Measured> measured, IReadOnlyList<string> allowed, int wanted, int refused, string list)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, lines) in measured.Where(one => one.Lines > wanted))
        {
            needed.Add(name);
            if (lines > refused)
                yield return $"{name} has {lines} lines, {refused} are the most: split it";
            else if (!allowed.Contains(name))
                yield return $"{name} has {lines} lines, {wanted} are wanted: split it, or plead for that name in {Path.GetFileName(list)}";
        }

        foreach (var name in allowed.Where(name => !needed.Contains(name)))
            yield return $"{list}: `{name}` is no longer needed: take the line out";
    }

    private static string[] Allowed(string list) =>
        [.. Repository.Read(list).Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];

    private sealed record Measured(string Name, int Lines);
}
