using System.Text;

namespace Securely.Cli;

/// <summary>Several aligned columns under a heading. What comes from elsewhere cannot move the cursor: control characters are shown as dots.</summary>
internal sealed class Grid(string title, params IReadOnlyList<GridColumn> columns)
{
    private const int Indent = 2;
    private const int Gap = 2;
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row: what it is about, then a cell for each column; cells at the end may be left out.</summary>
    public void Add(params string[] cells) => _rows.Add([.. cells.Select(Printable)]);

    /// <summary>Writes the title with the names of the columns, and the rows.</summary>
    public void Write(Output output)
    {
        var heading = (string[])[title + ":", .. columns.Select(column => column.Name)];
        var widths = Enumerable.Range(0, heading.Length)
            .Select(column => Math.Max(heading[column].Length - (column == 0 ? Indent : 0), _rows.Max(row => (int?)(column < row.Length ? row[column].Length : 0)) ?? 0))
            .ToArray();
        output.WriteLine(output.Paint.Heading(heading[0]) + Rest(heading, heading[0].Length - Indent, widths));
        foreach (var row in _rows)
            output.WriteLine(new string(' ', Indent) + output.Paint.Name(row[0]) + Rest(row, row[0].Length, widths));
    }

    private string Rest(string[] cells, int firstLength, int[] widths)
    {
        var line = new StringBuilder();
        line.Append(' ', widths[0] - firstLength);
        for (var column = 1; column < cells.Length; column++)
        {
            line.Append(' ', Gap);
            line.Append(columns[column - 1].IsNumber ? cells[column].PadLeft(widths[column]) : cells[column].PadRight(widths[column]));
        }

        return line.ToString().TrimEnd();
    }

    private static string Printable(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(character => char.IsControl(character) ? '.' : character)) : text;
}

/// <summary>A column of a grid after the first.</summary>
/// <param name="Name">What stands above it.</param>
/// <param name="IsNumber">Whether it is aligned on the right.</param>
internal readonly record struct GridColumn(string Name, bool IsNumber = true);
