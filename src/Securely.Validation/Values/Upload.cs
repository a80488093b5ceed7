namespace Securely.Validation;

/// <summary>
/// A file that a client sent: its name and media type as the client states them, and its bytes. Rules trust the bytes; only
/// <c>extensions</c> looks at the name.
/// </summary>
public sealed class Upload
{
    /// <summary>How many bytes at the start of the file decide its media type and the size of its image: 64 KiB.</summary>
    public const int HeadLength = 64 * 1024;

    private readonly Func<Stream> _open;
    private byte[]? _head;

    /// <summary>A file in memory.</summary>
    /// <param name="name">The client's name of the file.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="mediaType">The client's media type; never trusted.</param>
    public Upload(string name, ReadOnlyMemory<byte> content, string mediaType = "application/octet-stream")
        : this(name, content.Length, () => new MemoryStream(content.ToArray(), writable: false), mediaType)
    {
    }

    /// <summary>A file that is elsewhere, for instance in a temporary folder.</summary>
    /// <param name="name">The client's name of the file.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="open">Opens it for reading from its start; may be called several times.</param>
    /// <param name="mediaType">The client's media type; never trusted.</param>
    public Upload(string name, long length, Func<Stream> open, string mediaType = "application/octet-stream")
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(open);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Name = name;
        Length = length;
        MediaType = mediaType;
        _open = open;
    }

    /// <summary>The client's name of the file.</summary>
    public string Name { get; }

    /// <summary>Its length in bytes.</summary>
    public long Length { get; }

    /// <summary>The client's media type; rules never trust it.</summary>
    public string MediaType { get; }

    /// <summary>Whether the file arrived whole; false fails every rule about files with <c>uploaded</c>.</summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>The extension of the client's name, in lower case and without its dot; empty when there is none.</summary>
    public string Extension
    {
        get
        {
            var dot = Name.LastIndexOf('.');
            return dot < 0 ? "" : Name[(dot + 1)..].ToLowerInvariant();
        }
    }

    /// <summary>Opens the file for reading from its start; the caller disposes of it.</summary>
    public Stream OpenRead() => _open();

    /// <summary>The first <see cref="HeadLength"/> bytes.</summary>
    internal async ValueTask<ReadOnlyMemory<byte>> HeadAsync(CancellationToken cancellationToken)
    {
        if (_head is { } known)
            return known;
        var buffer = new byte[(int)Math.Min(Length, HeadLength)];
        var stream = OpenRead();
        await using (stream.ConfigureAwait(false))
        {
            var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            _head = read == buffer.Length ? buffer : buffer[..read];
        }

        return _head;
    }
}
