using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Securely.Generators;

/// <summary>A file to add, or why there is none. Equal text is equal, so that nothing is compiled anew without need.</summary>
internal sealed class Generated(string name, string text, ImmutableArray<Diagnostic> problems) : IEquatable<Generated>
{
    public string Name { get; } = name;

    public string Text { get; } = text;

    public ImmutableArray<Diagnostic> Problems { get; } = problems;

    public void AddTo(SourceProductionContext context)
    {
        foreach (var problem in Problems)
            context.ReportDiagnostic(problem);
        if (Text.Length > 0)
            context.AddSource(Name, Text);
    }

    public bool Equals(Generated? other) => other is not null && Name == other.Name && Text == other.Text && Problems.SequenceEqual(other.Problems);

    public override bool Equals(object? obj) => Equals(obj as Generated);

    public override int GetHashCode() => Name.GetHashCode() ^ Text.GetHashCode();
}
