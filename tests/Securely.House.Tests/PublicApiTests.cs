using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Securely.House.Tests;

/// <summary>What a library promises is a reviewed text file beside its project.</summary>
public sealed class PublicApiTests
{
    private const string Update = "SECURELY_UPDATE_API";

    private const int MostLines = 20;

    private const string Sample = """
        #nullable enable
        using System;
        using System.Threading;
        using System.Threading.Tasks;
        namespace Sample;
        public enum Depth : byte { Low = 1, High }
        public delegate bool Judge<in T>(T item);
        public interface IPort<out T> where T : class { string Name { get; } T? Read(ref int at); }
        public abstract class Pool<T> : IDisposable where T : struct
        {
            public const int Most = 5;
            private int _count;
            internal Pool() { }
            protected Pool(int count) => _count = count;
            public int Count { get; private set; }
            public required string Name { get; init; }
            public event Action<string?>? Drained;
            public abstract ValueTask<T> ReadAsync(ReadOnlyMemory<byte> bytes, string? name = null, CancellationToken cancellationToken = default);
            protected virtual void Close() { }
            public void Dispose() { }
            internal void Hidden() { }
            public readonly ref struct Inner { public readonly int X; }
        }
        public sealed record Peer(string Address, params int[] Ports) { public static Peer Parse(ReadOnlySpan<char> text) => new("x"); }
        public static class Extensions { public static int Twice(this int number) => number * 2; }
        internal class Secret { public int X; }
        """;

    private const string Surface = """
        enum Sample.Depth
          High = 2
          Low = 1
        static class Sample.Extensions
          public static int Twice(this int number)
        interface Sample.IPort<out T> where T : class
          T? Read(ref int at)
          string Name { get; }
        delegate bool Sample.Judge<in T>(T item)
        sealed record Sample.Peer : System.IEquatable<Sample.Peer>
          public Peer(string Address, params int[] Ports)
          public int[] Ports { get; init; }
          public static Sample.Peer Parse(System.ReadOnlySpan<char> text)
          public string Address { get; init; }
        abstract class Sample.Pool<T> where T : struct : System.IDisposable
          protected Pool(int count)
          protected virtual void Close()
          public abstract System.Threading.Tasks.ValueTask<T> ReadAsync(System.ReadOnlyMemory<byte> bytes, string? name = null, System.Threading.CancellationToken cancellationToken = default)
          public const int Most = 5
          public event System.Action<string?>? Drained
          public int Count { get; }
          public required string Name { get; init; }
          public void Dispose()
        readonly ref struct Sample.Pool<T>.Inner
          public readonly int X

        """;

    public static TheoryData<string> Libraries => [.. Repository.ProjectsOfSrc.Select(project => project.Name).Where(name => name != "Securely.Cli")];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_public_surface_is_the_reviewed_one(string library)
    {
        var file = Path.Combine(Repository.Root, "src", library, "PublicApi.txt");
        var built = PublicApi.Of(library, BuiltAssemblies.References);
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            if (built.Length > 0)
                File.WriteAllText(file, built);
            else
                File.Delete(file);
        }

        Complaints.None(Difference($"src/{library}/PublicApi.txt", File.Exists(file) ? File.ReadAllText(file) : "", built).Take(MostLines));
    }

    [Fact]
    public void Complains_about_what_came_and_what_went() =>
        Assert.Equal(["came: b", "went: a"], Difference("X", "a\nc\n", "b\nc\n").Skip(1));

    [Fact]
    public void Writes_what_users_see_and_nothing_else() => Assert.Equal(Surface, Write(Sample));

    private static IEnumerable<string> Difference(string file, string reviewed, string built)
    {
        if (reviewed == built)
            yield break;
        string[] before = reviewed.Split('\n'), after = built.Split('\n');
        yield return $"{file} is not what the assembly offers; when the change is wanted, run `{Update}=1 ./test` and commit the file";
        foreach (var line in after.Except(before))
            yield return $"came: {line}";
        foreach (var line in before.Except(after))
            yield return $"went: {line}";
    }

    private static string Write(string source)
    {
        using var image = new MemoryStream();
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary);
        var result = CSharpCompilation.Create("Sample", [SyntaxFactory.SyntaxTree(new SourceFile("Sample.cs", source).Syntax, SourceFile.Options)], BuiltAssemblies.References, options)
            .Emit(image, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return PublicApi.Of("Sample", BuiltAssemblies.References.Append(MetadataReference.CreateFromImage(image.ToArray())));
    }
}
