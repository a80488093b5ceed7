namespace Securely.Http;

/// <summary>
/// Walks the elements of a comma-separated value, blanks trimmed, empty elements included. Quoted strings are not known to it.
/// </summary>
internal ref struct HeaderList
{
    private ReadOnlySpan<byte> _rest;
    private bool _ended;

    public HeaderList(ReadOnlySpan<byte> value)
    {
        _rest = value;
        Current = default;
    }

    /// <summary>The element; may be empty.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>Goes to the next element; false after the last one.</summary>
    public bool MoveNext()
    {
        if (_ended)
        {
            return false;
        }

        int comma = _rest.IndexOf((byte)',');
        _ended = comma < 0;
        Current = HttpTokens.Trim(_ended ? _rest : _rest[..comma]);
        _rest = _ended ? default : _rest[(comma + 1)..];
        return true;
    }

    /// <summary>Makes it usable in foreach.</summary>
    public readonly HeaderList GetEnumerator() => this;
}
