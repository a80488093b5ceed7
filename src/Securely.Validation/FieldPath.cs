using System.Text;

namespace Securely.Validation;

/// <summary>
/// Where a value stands: names and indexes from the top, written with dots (<c>users.0.name</c>). <c>\.</c> is a dot that belongs to a name,
/// <c>\*</c> an asterisk that does, and <c>*</c> alone stands for every entry. Immutable.
/// </summary>
public sealed class FieldPath : IEquatable<FieldPath>
{
    /// <summary>A part that stands for every entry; compared by reference, so that a name <c>*</c> is another thing.</summary>
    internal static readonly string Wildcard = new(['*']);

    private readonly string[] _segments;
    private readonly string _text;

    internal FieldPath(string[] segments)
    {
        _segments = segments;
        _text = segments.Length == 1 ? segments[0] : string.Join('.', segments);
    }

    /// <summary>Whether a part stands for every entry.</summary>
    public bool HasWildcard => Array.Exists(_segments, IsWildcard);

    internal ReadOnlySpan<string> Segments => _segments;

    /// <summary>The path that a text writes down.</summary>
    public static implicit operator FieldPath(string text) => Parse(text);

    /// <summary>Reads a path.</summary>
    public static FieldPath Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.AsSpan().IndexOfAny('.', '*', '\\') < 0)
            return new FieldPath([text]);
        var segments = new List<string>();
        var segment = new StringBuilder();
        var isEscaped = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is '.' or '*')
            {
                segment.Append(text[++i]);
                isEscaped = true;
            }
            else if (text[i] == '.')
            {
                segments.Add(Finish(segment, isEscaped));
                isEscaped = false;
            }
            else
            {
                segment.Append(text[i]);
            }
        }

        segments.Add(Finish(segment, isEscaped));
        return new FieldPath([.. segments]);
    }

    /// <summary>The path of one name, dots and asterisks in it included.</summary>
    public static FieldPath OfName(string name) => new([name]);

    /// <summary>The path one step down.</summary>
    public FieldPath Append(string name) => new([.. _segments, name]);

    /// <summary>The path without its last step; the same path when it has one step only.</summary>
    public FieldPath Parent() => _segments.Length == 1 ? this : new(_segments[..^1]);

    /// <inheritdoc/>
    public bool Equals(FieldPath? other)
    {
        if (other is null || other._segments.Length != _segments.Length)
            return false;
        for (var i = 0; i < _segments.Length; i++)
        {
            if (!string.Equals(_segments[i], other._segments[i], StringComparison.Ordinal) || IsWildcard(_segments[i]) != IsWildcard(other._segments[i]))
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FieldPath);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(_text, StringComparison.Ordinal);

    /// <summary>The names joined with dots; a dot that belongs to a name is not told apart.</summary>
    public override string ToString() => _text;

    internal static bool IsWildcard(string segment) => ReferenceEquals(segment, Wildcard);

    /// <summary>Whether this path lies below another one, or is it.</summary>
    internal bool IsWithin(FieldPath other) =>
        other._segments.Length <= _segments.Length && Segments[..other._segments.Length].SequenceEqual(other._segments);

    /// <summary>Whether this path has the shape of a pattern with wildcards.</summary>
    internal bool Matches(FieldPath pattern)
    {
        if (pattern._segments.Length != _segments.Length)
            return false;
        for (var i = 0; i < _segments.Length; i++)
        {
            if (!IsWildcard(pattern._segments[i]) && !string.Equals(pattern._segments[i], _segments[i], StringComparison.Ordinal))
                return false;
        }

        return true;
    }

    /// <summary>The path with its wildcards replaced, from the left, by the keys that another path has at its own wildcards.</summary>
    internal FieldPath Fill(ReadOnlySpan<string> keys)
    {
        if (keys.IsEmpty || !HasWildcard)
            return this;
        var segments = _segments.ToArray();
        var next = 0;
        for (var i = 0; i < segments.Length && next < keys.Length; i++)
        {
            if (IsWildcard(segments[i]))
                segments[i] = keys[next++];
        }

        return new FieldPath(segments);
    }

    /// <summary>The part before the first wildcard; null when it begins with one.</summary>
    internal FieldPath? Explicit()
    {
        var first = Array.FindIndex(_segments, IsWildcard);
        return first < 0 ? this : first == 0 ? null : new FieldPath(_segments[..first]);
    }

    private static string Finish(StringBuilder segment, bool isEscaped)
    {
        var text = segment.ToString();
        segment.Clear();
        return text == "*" && !isEscaped ? Wildcard : text;
    }
}
