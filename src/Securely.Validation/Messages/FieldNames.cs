using System.Text;

namespace Securely.Validation;

/// <summary>Names of fields as people write them.</summary>
internal static class FieldNames
{
    /// <summary><c>firstName</c> and <c>first_name</c> become <c>first name</c>.</summary>
    public static string Readable(string name)
    {
        if (!name.AsSpan().ContainsAnyInRange('A', 'Z') && !name.Contains('_', StringComparison.Ordinal) && name.All(char.IsAscii))
            return name;
        var result = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && name[i - 1] != '_')
                result.Append(' ');
            result.Append(name[i] == '_' ? ' ' : char.ToLowerInvariant(name[i]));
        }

        return result.ToString();
    }

    public static string Capitalized(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
