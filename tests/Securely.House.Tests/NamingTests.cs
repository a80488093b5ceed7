using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Securely.House.Tests;

/// <summary>Names that every reader may rely on: rooms, namespaces, fields, asynchronous members.</summary>
public sealed partial class NamingTests
{
    /// <summary>Folders that are products of their own, and so have a namespace of their own.</summary>
    private static readonly string[] Products =
        ["Securely.Proxy/LoadBalancing", "Securely.Proxy/Limits", "Securely.Proxy/Caching", "Securely.Http/Modules", "Securely.Dns/Records", "Securely.Cli/Commands"];

    private static readonly HashSet<string> Asynchronous = new(StringComparer.Ordinal) { "Task", "ValueTask", "IAsyncEnumerable" };

    // `shutdown` is a service's own word: it ends a life, not a call.
    private static readonly string[] TokenNames = ["cancellationToken", "shutdown"];

    [Fact]
    public void Nothing_is_a_drawer() =>
        Complaints.None(Repository.Files.SelectMany(DrawerFolders).Distinct().Concat(Repository.Sources.SelectMany(DrawerTypes)));

    [Fact]
    public void No_public_type_bears_the_name_of_a_namespace_segment() =>
        Complaints.None(Repository.SourcesOfSrc.SelectMany(file => Shadows(file, Segments(Repository.SourcesOfSrc))));

    [Fact]
    public void Private_fields_are_underscored() => Complaints.None(Repository.Sources.SelectMany(Fields));

    [Fact]
    public void Namespaces_follow_the_room_and_not_the_folder() => Complaints.None(Repository.Sources.SelectMany(Namespaces));

    [Fact]
    public void Asynchronous_members_say_so_and_end_with_the_token() => Complaints.None(Repository.SourcesOfSrc.SelectMany(Tokens));

    [Theory]
    [InlineData("src/Securely.Net/Utils/Bits.cs")]
    [InlineData("src/Securely.Common/Bits.cs")]
    [InlineData("tests/Securely.Cli.Tests/Helpers/Run.cs")]
    public void Complains_about_a_drawer_folder(string path) => Complaints.One(DrawerFolders(path), "is a drawer");

    [Theory]
    [InlineData("internal static class StringHelpers;")]
    [InlineData("class Common { }")]
    [InlineData("class Y { enum NetUtils { } }")]
    public void Complains_about_a_drawer_type(string text) => Complaints.One(DrawerTypes(Source(text)), "is a drawer");

    [Fact]
    public void Complains_about_a_type_that_hides_a_namespace()
    {
        string[] segments = ["Securely", "Http", "Queue"];
        Complaints.One(Shadows(Source("public class Queue;\nclass Http;\npublic class Outer { public int Http; }"), segments), "[Queue]");
    }

    [Theory]
    [InlineData("private int count;", "_count")]
    [InlineData("int Count;", "_count")]
    [InlineData("private static int s_count;", "_count")]
    [InlineData("private const int most = 1;", "Most")]
    [InlineData("private static readonly int last_one = 1;", "_lastOne")]
    public void Complains_about_a_field(string field, string wanted) => Complaints.One(Fields(Source($"class Y {{ {field} }}")), $"[{wanted}]");

    [Fact]
    public void Accepts_the_fields_of_the_house() =>
        Assert.Empty(Fields(Source("class Y { private int _count; const int Most = 1; static readonly int Zero, _one; public int Open; struct Wire { public int x; } }")));

    [Theory]
    [InlineData("src/Securely.Net/Runtime/Worker.cs", "Securely.Net.Runtime", "[Securely.Net]")]
    [InlineData("src/Securely.Proxy/LoadBalancing/Health/Probe.cs", "Securely.Proxy", "[Securely.Proxy.LoadBalancing]")]
    [InlineData("tests/Securely.Network.Tests/Net/PoolTests.cs", "Securely.Tests", "[Securely.Network.Tests]")]
    public void Complains_about_a_namespace(string path, string written, string wanted) =>
        Complaints.One(Namespaces(new SourceFile(path, $"namespace {written};\nclass Y;")), wanted);

    [Theory]
    [InlineData("src/Securely.Net/Runtime/Worker.cs", "Securely.Net")]
    [InlineData("src/Securely.Proxy/LoadBalancing/Health/Probe.cs", "Securely.Proxy.LoadBalancing")]
    [InlineData("src/Securely.Queue/SecurelyQueueServiceCollectionExtensions.cs", "Microsoft.Extensions.DependencyInjection")]
    [InlineData("tests/Securely.Network.Tests/Net/PoolTests.cs", "Securely.Network.Tests.Net")]
    public void Accepts_a_namespace(string path, string written) => Assert.Empty(Namespaces(new SourceFile(path, $"namespace {written};\nclass Y;")));

    [Theory]
    [InlineData("public Task Run() => null;", "end its name in Async")]
    [InlineData("public ValueTask<int> Read() => default;", "end its name in Async")]
    [InlineData("public void RunAsync() { }", "returns no task")]
    [InlineData("public Task RunAsync(CancellationToken ct) => null;", "cancellationToken")]
    [InlineData("public Task RunAsync(CancellationToken cancellationToken, int count) => null;", "last parameter")]
    public void Complains_about_an_asynchronous_member(string member, string complaint) =>
        Complaints.One(Tokens(Source($"public class Y {{ {member} }}")), complaint);

    [Fact]
    public void Accepts_the_asynchronous_members_of_the_house() =>
        Assert.Empty(Tokens(Source("""
            public class Y : IDisposable
            {
                public Task RunAsync(CancellationToken shutdown) => null;
                public ValueTask DisposeAsync() => default;
                public override Task Copy(CancellationToken ct, int size) => null;
                Task IPort.Open(CancellationToken token) => null;
                internal Task Hidden() => null;
                [Fact] public Task Reads_by_byte() => null;
                public Task Completion => null;
            }
            class Inner { public Task Run() => null; }
            """)));

    private static SourceFile Source(string text) => new("src/Securely.X/Y.cs", text);

    private static IEnumerable<string> DrawerFolders(string path) =>
        path.Split('/')[..^1].Where(folder => Drawer().IsMatch(folder.Split('.')[^1]))
            .Select(folder => $"{path}: the folder [{folder}] is a drawer; put each thing beside its user, under a real name");

    private static IEnumerable<string> DrawerTypes(SourceFile file) =>
        file.Types().Where(type => Drawer().IsMatch(type.NameOfType()!))
            .Select(type => $"{file.At(type)}: the type [{type.NameOfType()}] is a drawer; name it after the one thing it does");

    private static string[] Segments(IEnumerable<SourceFile> files) =>
        [.. files.SelectMany(file => file.Syntax.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>())
            .SelectMany(space => space.Name.ToString().Split('.')).Distinct()];

    private static IEnumerable<string> Shadows(SourceFile file, string[] segments) =>
        file.Types().Where(type => type.IsVisible() && segments.Contains(type.NameOfType()))
            .Select(type => $"{file.At(type)}: [{type.NameOfType()}] is also a namespace, so users would get CS0118; rename the type");

    private static IEnumerable<string> Fields(SourceFile file) =>
        from field in file.Syntax.DescendantNodes().OfType<FieldDeclarationSyntax>()
        where !field.Has(SyntaxKind.PublicKeyword) && !field.Has(SyntaxKind.InternalKeyword) && !field.Has(SyntaxKind.ProtectedKeyword)
        let constant = field.Has(SyntaxKind.ConstKeyword)
        let either = field.Has(SyntaxKind.StaticKeyword) && field.Has(SyntaxKind.ReadOnlyKeyword)
        from variable in field.Declaration.Variables
        let name = variable.Identifier.Text
        let fine = (!constant && Underscored().IsMatch(name)) || ((constant || either) && Pascal().IsMatch(name))
        where !fine
        select $"{file.At(variable)}: the private field [{name}] should be [{Wanted(name, constant)}]";

    private static string Wanted(string name, bool constant)
    {
        var words = string.Concat(Prefix().Replace(name, "").Split('_', StringSplitOptions.RemoveEmptyEntries).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        return constant ? words : "_" + char.ToLowerInvariant(words[0]) + words[1..];
    }

    private static IEnumerable<string> Namespaces(SourceFile file)
    {
        if (file.Path.Split('/') is not [var top, var project, .., var name] || top is not ("src" or "tests" or "bench"))
            yield break;

        var product = Array.Find(Products, product => file.Path.StartsWith($"src/{product}/", StringComparison.Ordinal));
        foreach (var space in file.Syntax.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>())
        {
            var written = space.Name.ToString();
            var fine = top == "src"
                ? written == (product?.Replace('/', '.') ?? project)
                    || (written == project && product == "Securely.Cli/Commands")
                    || (written == "Microsoft.Extensions.DependencyInjection" && name.EndsWith("ServiceCollectionExtensions.cs", StringComparison.Ordinal))
                : written == project || written.StartsWith(project + ".", StringComparison.Ordinal);
            if (!fine)
                yield return $"{file.At(space)}: the namespace should be [{product?.Replace('/', '.') ?? project}]; folders organise files only";
        }

        var outside = file.Syntax.Members.FirstOrDefault(member => member is not (BaseNamespaceDeclarationSyntax or GlobalStatementSyntax));
        if (outside is not null && name != "Program.cs")
            yield return $"{file.At(outside)}: a type outside every namespace; begin the file with `namespace {project};`";
    }

    private static IEnumerable<string> Tokens(SourceFile file)
    {
        foreach (var method in file.Syntax.DescendantNodes().OfType<MethodDeclarationSyntax>().Where(IsOurs))
        {
            var name = method.Identifier.Text;
            var asynchronous = Asynchronous.Contains(method.ReturnType.LastName());
            if (asynchronous && !name.EndsWith("Async", StringComparison.Ordinal))
                yield return $"{file.At(method)}: [{name}] returns a task; end its name in Async";
            if (!asynchronous && name.EndsWith("Async", StringComparison.Ordinal))
                yield return $"{file.At(method)}: [{name}] returns no task; take Async off its name";

            var parameters = method.ParameterList.Parameters;
            for (var i = 0; i < parameters.Count; i++)
            {
                if (parameters[i].Type?.LastName() != nameof(CancellationToken))
                    continue;
                if (!TokenNames.Contains(parameters[i].Identifier.Text))
                    yield return $"{file.At(method)}: the token of [{name}] is called [{parameters[i].Identifier.Text}]; call it cancellationToken, in full";
                if (i != parameters.Count - 1)
                    yield return $"{file.At(method)}: the token of [{name}] should be its last parameter";
            }
        }
    }

    /// <summary>Visible, and named by us: an override or an explicit implementation bears the name it was given, a test is a sentence.</summary>
    private static bool IsOurs(MethodDeclarationSyntax method) =>
        method.IsVisible() && !method.Has(SyntaxKind.OverrideKeyword) && method.ExplicitInterfaceSpecifier is null
        && !method.AttributeLists.SelectMany(list => list.Attributes).Any(attribute => attribute.Name.LastName() is "Fact" or "Theory");

    [GeneratedRegex("^(Common|Shared|Misc|(.*)(Utils?|Utilities|Helpers?))$", RegexOptions.CultureInvariant)]
    private static partial Regex Drawer();

    [GeneratedRegex("^_[a-z][A-Za-z0-9]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Underscored();

    [GeneratedRegex("^[A-Z][A-Za-z0-9]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Pascal();

    [GeneratedRegex("^[smt]_", RegexOptions.CultureInvariant)]
    private static partial Regex Prefix();
}
