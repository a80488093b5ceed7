using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Securely.House.Tests;

/// <summary>One public type a file, found by its name; only its small companions may live with it.</summary>
public sealed class OneTypeTests
{
    private const int CompanionLines = 60;

    [Fact]
    public void A_file_holds_one_public_type_and_bears_its_name() => Complaints.None(Repository.SourcesOfSrc.SelectMany(Judge));

    [Theory]
    [InlineData("public class Pool; public class Pond;", "[Pond]")]
    [InlineData("public class Lake;", "[Lake]")]
    [InlineData("public enum Depth { Low }", "[Depth]")]
    [InlineData("internal class Pool; public class Lake;", "[Lake]")]
    public void Complains_about_a_second_type_or_another_name(string text, string complaint) =>
        Complaints.One(Judge(new SourceFile("src/X/Pool.cs", text)), complaint);

    [Fact]
    public void Complains_about_a_companion_that_has_grown_up()
    {
        var lines = string.Concat(Enumerable.Repeat("\n", CompanionLines));
        Complaints.One(Judge(new SourceFile("src/X/Pool.cs", $"public class Pool;\npublic record Pond {{ {lines} }}")), "[Pond]");
    }

    [Theory]
    [InlineData("src/X/Pool.cs", "public class Pool<T>; public class Pool; public enum Depth { Low } public record Pond; public delegate void Dive(); public struct Drop; public interface IDiver; internal class Lake { public class Deep; }")]
    [InlineData("src/X/Pool.Log.cs", "public partial class Pool;")]
    [InlineData("src/X/Pool.cs", "internal class Lake; internal class Pond;")]
    [InlineData("src/X/Pool.cs", "internal class Pool; public enum Depth { Low }")]
    public void Accepts_a_type_with_its_companions(string path, string text) => Assert.Empty(Judge(new SourceFile(path, text)));

    private static IEnumerable<string> Judge(SourceFile file)
    {
        var owner = Path.GetFileName(file.Path).Split('.')[0];
        MemberDeclarationSyntax[] types = [.. file.Types().Where(type => type.IsOutermost() && type.IsVisible())];
        if (types.Length > 0 && !file.Types().Any(type => type.IsOutermost() && type.NameOfType() == owner))
        {
            yield return $"{file.Path}: the public type [{types[0].NameOfType()}] is not where its name leads; call the file {types[0].NameOfType()}.cs";
            yield break;
        }

        foreach (var type in types.Where(type => type.NameOfType() != owner && !IsCompanion(type)))
            yield return $"{file.At(type)}: [{type.NameOfType()}] is no small companion (enum, record, struct, delegate, interface, at most {CompanionLines} lines); give it a file of its own";
    }

    private static bool IsCompanion(MemberDeclarationSyntax type) =>
        type is EnumDeclarationSyntax or RecordDeclarationSyntax or StructDeclarationSyntax or DelegateDeclarationSyntax or InterfaceDeclarationSyntax
        && SourceFile.Lines(type) <= CompanionLines;
}
