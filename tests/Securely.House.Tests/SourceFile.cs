using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Securely.House.Tests;

/// <summary>One C# file: its path relative to the root, its text and, on demand, its syntax.</summary>
internal sealed class SourceFile(string path, string text)
{
    // Preview, because the pinned compiler package is older than the language version of the build.
    public static readonly CSharpParseOptions Options = new(LanguageVersion.Preview, DocumentationMode.Parse);
    private readonly Lazy<CompilationUnitSyntax> _syntax = new(() => SyntaxFactory.ParseCompilationUnit(text, options: Options));

    public string Path => path;

    public string Text => text;

    public CompilationUnitSyntax Syntax => _syntax.Value;

    /// <summary>The line that a node begins on, as <c>path:line</c>.</summary>
    public string At(SyntaxNode node) => $"{path}:{FirstLine(node)}";

    /// <summary>Line of a node's first token, counted from one; comments and documentation above it do not count.</summary>
    public static int FirstLine(SyntaxNode node) => node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;

    /// <summary>Lines a node spans, from its first token to its last.</summary>
    public static int Lines(SyntaxNode node)
    {
        var span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }
}
