using System.Globalization;
using System.Net;

namespace Securely.Load;

/// <summary>The options of one mode: pairs of <c>--name value</c>.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Reads the pairs; anything that is not a known name with a value ends the program with 2.</summary>
    public static Options Parse(string[] arguments, params string[] known)
    {
        var options = new Options();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var name = arguments[i].StartsWith("--", StringComparison.Ordinal) ? arguments[i][2..] : "";
            if (!known.Contains(name) || i + 1 == arguments.Length)
            {
                Console.Error.WriteLine($"Argument [{arguments[i]}] is not known or has no value; known are --{string.Join(", --", known)}");
                Environment.Exit(2);
            }

            options._values[name] = arguments[i + 1];
        }

        return options;
    }

    public string Text(string name, string? otherwise = null) =>
        _values.TryGetValue(name, out var value) ? value : otherwise ?? throw new ArgumentException($"Option [--{name}] is needed");

    public int Number(string name, int otherwise) =>
        _values.TryGetValue(name, out var value) ? int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture) : otherwise;

    public bool Flag(string name) => _values.TryGetValue(name, out var value) && bool.Parse(value);

    public IPEndPoint EndPoint(string name) => IPEndPoint.Parse(Text(name));
}
