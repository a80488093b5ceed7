namespace Securely.Config;

/// <summary>The place that a value or a key was read from, so that every error can name it.</summary>
/// <param name="File">The file as the user wrote it, or the name of another source such as <c>environment</c>.</param>
/// <param name="Line">The line, counted from 1; 0 where the source has no lines.</param>
/// <param name="Column">The column in UTF-16 units, counted from 1; 0 where the source has no columns.</param>
public readonly record struct ConfigOrigin(string File, int Line, int Column) : IComparable<ConfigOrigin>
{
    /// <summary>The origin of values that a program made itself.</summary>
    public static ConfigOrigin Code { get; } = new("code", 0, 0);

    /// <summary>Orders by file (ordinal), then line, then column.</summary>
    public int CompareTo(ConfigOrigin other)
    {
        var byFile = string.CompareOrdinal(File, other.File);
        if (byFile != 0)
            return byFile;
        return Line != other.Line ? Line.CompareTo(other.Line) : Column.CompareTo(other.Column);
    }

    /// <summary><c>FILE:LINE:COLUMN</c>, or the file alone where the source has no lines.</summary>
    public override string ToString() => Line > 0 ? string.Create(null, $"{File}:{Line}:{Column}") : File ?? "";

    /// <summary>Whether <paramref name="left"/> stands before <paramref name="right"/>.</summary>
    public static bool operator <(ConfigOrigin left, ConfigOrigin right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> stands after <paramref name="right"/>.</summary>
    public static bool operator >(ConfigOrigin left, ConfigOrigin right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> stands before or at <paramref name="right"/>.</summary>
    public static bool operator <=(ConfigOrigin left, ConfigOrigin right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> stands after or at <paramref name="right"/>.</summary>
    public static bool operator >=(ConfigOrigin left, ConfigOrigin right) => left.CompareTo(right) >= 0;
}
