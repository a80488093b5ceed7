using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Securely.House.Tests;

/// <summary>The reference that the parsers are fuzzed against shares nothing with them: it compiles with the framework alone.</summary>
public sealed class ReferenceParserTests
{
    private const string Folder = "tests/Securely.Fuzz.Tests/Reference/";

    private const string Implicit =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading;";

    [Fact]
    public void The_reference_parser_needs_nothing_of_ours()
    {
        SourceFile[] files = [.. Repository.Sources.Where(file => file.Path.StartsWith(Folder, StringComparison.Ordinal))];
        Assert.NotEmpty(files);
        Complaints.None(Judge(files));
    }

    [Theory]
    [InlineData("namespace Y;\ninternal sealed class Z { public int Most => Securely.Http.HttpLimits.Default.Headers; }")]
    [InlineData("using Securely.Http;\nnamespace Y;\ninternal sealed class Z { public HttpLimits? Limits; }")]
    [InlineData("namespace Y;\ninternal sealed class Z { public object Cases => Fuzz.Tests.Running.Production.New(); }")]
    public void Complains_about_a_type_of_the_library(string text) => Assert.NotEmpty(Judge([new SourceFile(Folder + "Z.cs", text)]));

    private static IEnumerable<string> Judge(IEnumerable<SourceFile> files)
    {
        var trees = files.Select(file => CSharpSyntaxTree.ParseText(file.Text, SourceFile.Options, file.Path)).Append(CSharpSyntaxTree.ParseText(Implicit, SourceFile.Options));
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable);
        return CSharpCompilation.Create("Reference", trees, BuiltAssemblies.Framework, options)
            .GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(diagnostic => $"{diagnostic.Location.GetLineSpan()}: {diagnostic.GetMessage(CultureInfo.InvariantCulture)}; write it again, in the words of the RFC");
    }
}
