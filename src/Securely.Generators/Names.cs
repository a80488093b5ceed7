using System.Text;

namespace Securely.Generators;

/// <summary>Names of C# as they are written in a configuration.</summary>
internal static class Names
{
    /// <summary><c>MaxRetries</c> becomes <c>max_retries</c>, <c>TlsCA</c> <c>tls_ca</c>.</summary>
    public static string ToKey(string name)
    {
        var key = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var begins = char.IsUpper(name[i]) && i > 0 && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (begins && name[i - 1] != '_')
                key.Append('_');
            key.Append(char.ToLowerInvariant(name[i]));
        }

        return key.ToString();
    }

    /// <summary>A text as C# writes it.</summary>
    public static string Literal(string text) => "@\"" + text.Replace("\"", "\"\"") + "\"";
}
