namespace Securely.Validation;

/// <summary>A field with its rules; for a field that a wildcard found, also the pattern and the keys at its asterisks.</summary>
internal sealed class FieldState
{
    public FieldState(FieldPath path, FieldRules rules, FieldPath? pattern = null)
    {
        Path = path;
        Name = path.ToString();
        Rules = rules;
        Pattern = pattern;
        Keys = pattern is null ? [] : KeysOf(path, pattern);
    }

    public FieldPath Path { get; }

    public string Name { get; }

    public FieldRules Rules { get; }

    public FieldPath? Pattern { get; }

    public string[] Keys { get; }

    private static string[] KeysOf(FieldPath path, FieldPath pattern)
    {
        var keys = new List<string>();
        for (var i = 0; i < pattern.Segments.Length; i++)
        {
            if (FieldPath.IsWildcard(pattern.Segments[i]))
                keys.Add(path.Segments[i]);
        }

        return [.. keys];
    }
}
