using System.Security.Cryptography;
using System.Text;

namespace Securely.Dns;

/// <summary>One list of names and where it comes from. One thread at a time.</summary>
internal sealed class ListSource
{
    private readonly NameListOptions _options;
    private readonly string? _file;
    private (DateTime Time, long Length) _seen;
    private string? _reported;

    internal ListSource(string place, NameListOptions options)
    {
        Place = place;
        _options = options;
        if (Uri.TryCreate(place, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps))
            Address = address;
        _file = Address is null ? place : options.Directory is null ? null : Path.Combine(options.Directory, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(place)))[..32] + ".txt");
    }

    /// <summary>The path or address as it was given.</summary>
    internal string Place { get; }

    /// <summary>Where it is fetched from; null for a file.</summary>
    internal Uri? Address { get; }

    internal DomainList? List { get; private set; }

    /// <summary>When it is fetched next.</summary>
    internal DateTimeOffset Due { get; set; }

    /// <summary>What the server calls the list that is held.</summary>
    internal string? Tag { get; set; }

    /// <summary>Reads the file, or the copy of the last start, when it has changed.</summary>
    /// <returns>Whether there is another list now.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="FormatException">It has too many names.</exception>
    internal bool TryReadFile()
    {
        if (_file is null)
            return false;
        var file = new FileInfo(_file);
        // The copy of a list need not be there.
        if (Address is not null && !file.Exists)
            return false;
        var now = (file.LastWriteTimeUtc, file.Length);
        if (now == _seen)
            return false;
        _seen = now;
        if (file.Length > _options.MaximumBytes)
            throw new IOException($"it has more than [{_options.MaximumBytes}] bytes");
        using var text = new StreamReader(_file);
        List = DomainList.Read(text, _options.MaximumNames);
        return true;
    }

    /// <summary>Whether an error is another one than last time.</summary>
    internal bool ShouldReport(string error)
    {
        var isNew = error != _reported;
        _reported = error;
        return isNew;
    }

    /// <summary>Takes what was fetched, and keeps it for the next start.</summary>
    /// <exception cref="FormatException">It has too many names.</exception>
    internal void Take(byte[] bytes)
    {
        using var text = new StreamReader(new MemoryStream(bytes));
        List = DomainList.Read(text, _options.MaximumNames);
        if (_file is null)
            return;
        Directory.CreateDirectory(_options.Directory!);
        var temporary = _file + ".new";
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, _file, overwrite: true);
    }
}
