using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Securely.Generators;

namespace Securely.Components.Tests.Generators;

/// <summary>What the generators refuse, and that what they write compiles.</summary>
public sealed class GeneratorTests
{
    [Theory]
    [InlineData("[ConfigOptions] public class A { }", "SECURELY001", "[A] must be partial")]
    [InlineData("[ConfigOptions] public partial class A<T> { }", "SECURELY001", "[A] must be partial")]
    [InlineData("public class B { [ConfigOptions] public partial class A { } }", "SECURELY001", "[A] must be partial")]
    [InlineData("[ConfigOptions] public partial record A(string Name);", "SECURELY004", "[A] needs a constructor")]
    [InlineData("[ConfigOptions] public partial class A { public object Value { get; set; } }", "SECURELY002", "[Value] has the type [object]")]
    [InlineData("[ConfigOptions] public partial class A { public System.Collections.Generic.List<object> Values { get; set; } }", "SECURELY002", "[Values]")]
    [InlineData("[ConfigOptions] public partial class A { [System.ComponentModel.DataAnnotations.Range(1, 2)] public string Name { get; set; } }", "SECURELY003", "[Name] has a Range")]
    public void Refuses_what_it_cannot_write(string source, string id, string message)
    {
        var problem = Assert.Single(Run(source).Problems);
        Assert.Equal(id, problem.Id);
        Assert.Contains(message, problem.GetMessage(null), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[ConfigOptions(\"a\")] public sealed partial record A { public required int? Port { get; init; } public required string? Name { get; init; } public required string[] Tags { get; init; } }")]
    [InlineData("[ConfigOptions] public partial struct A { public int Port { get; set; } public A? Self => null; }")]
    [InlineData("[ConfigOptions] public partial class A { public decimal? Price { get; init; } public System.DateOnly Day { get; init; } public string Section { get; init; } = \"\"; [ConfigKey(\"x{y}\")] public int Odd { get; init; } }")]
    [InlineData("[ConfigOptions] public partial class A { public A? Next { get; set; } public B? Other { get; set; } } public enum E { One, TwoWords } [ConfigOptions] public partial record struct B { public E Kind { get; init; } public E? Maybe { get; init; } }")]
    [InlineData("public sealed class L : Securely.Events.IEventListener<string>, Securely.Events.ISubscriber { public System.Threading.Tasks.ValueTask<object?> HandleAsync(string m, System.Threading.CancellationToken c) => default; public void Subscribe(Securely.Events.IDispatcher d) { } public L(int needed) { } }")]
    public void What_it_writes_compiles(string source)
    {
        var (problems, output) = Run(source);
        Assert.Empty(problems);
        Assert.Empty(output.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning));
        Assert.True(output.SyntaxTrees.Count() > 1);
    }

    private static (IReadOnlyList<Diagnostic> Problems, Compilation Output) Run(string source)
    {
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path));
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable);
        var parse = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.CSharp13);
        var compilation = CSharpCompilation.Create("Sample", [CSharpSyntaxTree.ParseText("#nullable disable warnings\nusing Securely.Config;\n" + source, parse, path: "Sample.cs")], platform, options);
        var driver = CSharpGeneratorDriver.Create([new ConfigOptionsGenerator().AsSourceGenerator(), new ListenerGenerator().AsSourceGenerator()], parseOptions: parse);
        driver.RunGeneratorsAndUpdateCompilation(compilation, out var output, out var problems);
        return (problems, output);
    }
}
