namespace Securely.Cli;

/// <summary>Two aligned columns, names on the left and what they mean on the right.</summary>
internal sealed class Table
{
    private const int Indent = 2;
    private const int Gap = 2;
    private readonly List<(string? Heading, string Name, string Text)> _rows = [];

    /// <summary>Adds a line of its own, coloured as a heading and indented by one column.</summary>
    public void AddHeading(string heading) => _rows.Add((heading, "", ""));

    public void Add(string name, string text) => _rows.Add((null, name, text));

    public void Write(Output output)
    {
        var column = Indent + _rows.Max(row => row.Name.Length) + Gap;
        foreach (var (heading, name, text) in _rows)
        {
            if (heading is not null)
            {
                output.WriteLine(" " + output.Paint.Heading(heading));
                continue;
            }

            var lines = Wrap(text, output.Width is { } width && width - column >= 24 ? width - column : int.MaxValue);
            var first = lines[0].Length == 0 ? "" : new string(' ', column - Indent - name.Length) + lines[0];
            output.WriteLine(new string(' ', Indent) + output.Paint.Name(name) + first);
            foreach (var line in lines.Skip(1))
                output.WriteLine(new string(' ', column) + line);
        }
    }

    private static List<string> Wrap(string text, int width)
    {
        var lines = new List<string>();
        while (text.Length > width)
        {
            var end = text.LastIndexOf(' ', width);
            if (end <= 0)
                break;
            lines.Add(text[..end]);
            text = text[(end + 1)..];
        }

        lines.Add(text);
        return lines;
    }
}
