namespace Securely.House.Tests;

/// <summary>Every C# text that readers may copy compiles against the built libraries.</summary>
public sealed class SnippetTests
{
    [Fact]
    public void Fences_of_the_pages_compile() => Complaints.None(Markdown.Pages.SelectMany(Snippet.In).SelectMany(Judge));

    [Fact]
    public void Examples_of_the_documentation_comments_compile() => Complaints.None(Repository.SourcesOfSrc.SelectMany(Snippet.In).SelectMany(Judge));

    [Theory]
    [InlineData("var list = new List<int>();\nawait Task.Yield();\nlist.Push(1);", "`list.Push(1);`")]
    [InlineData("public sealed class Y : Nowhere;", "'Nowhere'")]
    [InlineData("var x = 1", "; expected")]
    public void Complains_about_a_snippet(string text, string complaint) => Complaints.One(Judge(new Snippet("README.md:1", text)), complaint);

    [Theory]
    [InlineData("await Task.Yield();\nConsole.WriteLine(new Y().X);\n\nclass Y { public int X; }")]
    [InlineData("class Y { public int X; }\n\nConsole.WriteLine(new Y().X);")]
    [InlineData("using System.Text;\n\nnamespace Mine;\n\npublic sealed class Y { public StringBuilder? X { get; init; } }")]
    public void Accepts_statements_types_and_both(string text) => Assert.Empty(Judge(new Snippet("README.md:1", text)));

    [Fact]
    public void Accepts_what_is_given()
    {
        Assert.Empty(Judge(new Snippet("README.md:1", "using System.Text;\n\nvar text = new StringBuilder(path);\nAssert.NotNull(text);", Given: "using Xunit; var path = \"x\";")));
        Assert.Empty(Judge(new Snippet("README.md:1", "public sealed class Y { public Thing? X { get; init; } }", Given: "public sealed class Thing;")));
    }

    [Fact]
    public void Finds_the_fences_of_a_page()
    {
        var page = new Markdown("x.md", "# X\n\n```csharp\nvar a = 1;\n```\n\n<!-- not compiled: a sketch -->\n<!-- given: var b = 2; -->\n```csharp\n...\n```\n\n```yaml\na: 1\n```\n");
        Assert.Equal(
            [new Snippet("x.md:3", "var a = 1;"), new Snippet("x.md:9", "...", NotCompiled: "a sketch", Given: "var b = 2;")],
            Snippet.In(page));
    }

    [Fact]
    public void Finds_the_examples_of_a_file()
    {
        var file = new SourceFile("a.cs", "namespace N;\n\n/// <summary>S</summary>\n/// <example><!-- given: var b = 2; --><code>\n/// var a = new List&lt;int&gt;();\n/// </code></example>\nclass Y;\n");
        Assert.Equal([new Snippet("a.cs:4", "\nvar a = new List<int>();\n", "N", Given: "var b = 2;")], Snippet.In(file));
    }

    [Fact]
    public void A_mark_is_only_for_what_does_not_compile()
    {
        Assert.Empty(Judge(new Snippet("README.md:1", "Nowhere.Run();", NotCompiled: "a sketch")));
        Complaints.One(Judge(new Snippet("README.md:1", "Console.WriteLine();", NotCompiled: "a sketch")), "take the mark out");
    }

    private static IEnumerable<string> Judge(Snippet snippet)
    {
        if (snippet.NotCompiled is null)
            return snippet.Errors();
        return snippet.Errors().Any() ? [] : [$"{snippet.Place}: compiles by now; take the mark out of the line above it"];
    }
}
