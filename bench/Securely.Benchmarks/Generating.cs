using BenchmarkDotNet.Attributes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Securely.Generators;

namespace Securely.Benchmarks;

/// <summary>What the generators add to a build: twenty options and twenty listeners, from nothing, and again after an edit that does not concern them.</summary>
[MemoryDiagnoser]
public class Generating
{
    private CSharpCompilation _compilation = null!;
    private CSharpCompilation _edited = null!;
    private GeneratorDriver _fresh = null!;
    private GeneratorDriver _warm = null!;

    [GlobalSetup]
    public void Setup()
    {
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path));
        var options = Enumerable.Range(0, 20).Select(i => CSharpSyntaxTree.ParseText($$"""
            [Securely.Config.ConfigOptions("app{{i}}")] public partial class Options{{i}} { public required string Name { get; init; } public int Port { get; init; } = 80; public string[] Tags { get; init; } = []; }
            """));
        var listeners = Enumerable.Range(0, 20).Select(i => CSharpSyntaxTree.ParseText($$"""
            public sealed class Listener{{i}} : Securely.Events.IEventListener<string> { public System.Threading.Tasks.ValueTask<object> HandleAsync(string message, System.Threading.CancellationToken token) => default; }
            """));
        _compilation = CSharpCompilation.Create("Sample", [.. options, .. listeners], platform, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        _edited = _compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("internal static class Elsewhere { }"));
        _fresh = CSharpGeneratorDriver.Create(new ConfigOptionsGenerator(), new ListenerGenerator());
        _warm = _fresh.RunGenerators(_compilation);
        if (_warm.GetRunResult() is not { Diagnostics.IsEmpty: true, GeneratedTrees.Length: > 20 })
            throw new InvalidOperationException("Not everything was written, so this measures something else");
    }

    [Benchmark]
    public GeneratorDriver FirstBuild() => _fresh.RunGenerators(_compilation);

    [Benchmark]
    public GeneratorDriver AfterAnEditElsewhere() => _warm.RunGenerators(_edited);
}
