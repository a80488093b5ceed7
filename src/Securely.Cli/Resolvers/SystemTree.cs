using System.Text;

namespace Securely.Cli;

/// <summary>The files of a machine, or of a directory that stands for one. Paths begin with a slash, whatever the system.</summary>
/// <param name="root">What stands before each path; <c>/</c> for the machine itself.</param>
internal sealed class SystemTree(string root)
{
    private const int MostLinks = 8;

    /// <summary>Whether it is a directory that stands for a machine: nothing in it may lead out of it.</summary>
    public bool IsElsewhere { get; } = Path.GetFullPath(root) != Path.GetPathRoot(Path.GetFullPath(root));

    /// <summary>Where a path really is.</summary>
    public string Locate(string path) => Path.Join(Path.GetFullPath(root), path.TrimStart('/'));

    public bool HasFile(string path) => File.Exists(Locate(path));

    public bool HasDirectory(string path) => Directory.Exists(Locate(path));

    /// <summary>The files of a directory by name; none when it is missing.</summary>
    public IEnumerable<string> Files(string directory) => HasDirectory(directory)
        ? Directory.EnumerateFiles(Locate(directory)).Select(file => directory + "/" + Path.GetFileName(file)).Order(StringComparer.Ordinal)
        : [];

    /// <summary>What is at a path, a link being a link.</summary>
    public FileState Read(string path)
    {
        var file = new FileInfo(Locate(path));
        if (file.LinkTarget is { } target)
            return new FileState { Link = target };
        if (!file.Exists)
            return FileState.Missing;
        return new FileState { Content = File.ReadAllBytes(file.FullName), Mode = OperatingSystem.IsWindows() ? null : (int)File.GetUnixFileMode(file.FullName) };
    }

    /// <summary>The text behind a path, one character a byte; links are followed within the tree. Null where there is none.</summary>
    public string? ReadText(string path)
    {
        for (var i = 0; i < MostLinks; i++)
        {
            var state = Read(path);
            if (state.Link is not { } link)
                return state.Text;
            path = link.StartsWith('/') ? link : Path.GetFullPath(Path.Join(Path.GetDirectoryName(path), link));
        }

        return null;
    }

    /// <summary>The directories above a path that are not there yet, the outermost first.</summary>
    public IReadOnlyList<string> MissingDirectories(string path)
    {
        var missing = new List<string>();
        for (var directory = Path.GetDirectoryName(path); directory is { Length: > 1 } && !HasDirectory(directory); directory = Path.GetDirectoryName(directory))
            missing.Insert(0, directory);
        return missing;
    }

    /// <summary>Puts a file, a link or nothing at a path, so that a reader sees the old one or the new one whole.</summary>
    /// <exception cref="IOException">It cannot be written, or the path leads out of the tree.</exception>
    public void Write(string path, FileState state)
    {
        CheckInside(path);
        var full = Locate(path);
        if (!state.Exists)
        {
            if (File.Exists(full) || new FileInfo(full).LinkTarget is not null)
                File.Delete(full);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var temporary = full + ".securely-new";
        File.Delete(temporary);
        if (state.Link is { } link)
            File.CreateSymbolicLink(temporary, link);
        else
            WriteNew(temporary, state);
        try
        {
            File.Move(temporary, full, overwrite: true);
        }
        catch (IOException) when (state.Content is not null && File.Exists(full))
        {
            // A file that is mounted, as /etc/resolv.conf is in a container, cannot be replaced, only written.
            File.WriteAllBytes(full, state.Content);
            File.Delete(temporary);
        }
    }

    /// <summary>Removes a directory that is empty; others stay.</summary>
    public void RemoveIfEmpty(string directory)
    {
        var full = Locate(directory);
        if (Directory.Exists(full) && !Directory.EnumerateFileSystemEntries(full).Any())
            Directory.Delete(full);
    }

    private static void WriteNew(string path, FileState state)
    {
        using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
        {
            file.Write(state.Content);
            file.Flush(flushToDisk: true);
        }

        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, (UnixFileMode)(state.Mode ?? FileState.UsualMode));
    }

    private void CheckInside(string path)
    {
        for (var directory = Path.GetDirectoryName(path); IsElsewhere && directory is { Length: > 1 }; directory = Path.GetDirectoryName(directory))
        {
            if (new DirectoryInfo(Locate(directory)).LinkTarget is not null)
                throw new IOException($"[{Locate(directory)}] is a link, which may lead out of [{root}]; make it a directory");
        }
    }
}

/// <summary>What is at a path: a file, a link, or nothing.</summary>
internal sealed record FileState
{
    /// <summary>0644.</summary>
    public const int UsualMode = 0x1A4;

    /// <summary>Nothing.</summary>
    public static FileState Missing { get; } = new();

    public byte[]? Content { get; init; }

    public string? Link { get; init; }

    /// <summary>The permissions of a file; null where there are none.</summary>
    public int? Mode { get; init; }

    public bool Exists => Content is not null || Link is not null;

    /// <summary>One character a byte, so that no byte is lost whatever the file's encoding; null for what is no file.</summary>
    public string? Text => Content is null ? null : Encoding.Latin1.GetString(Content);

    /// <summary>The same file with another text.</summary>
    public FileState With(string text) => new() { Content = Encoding.Latin1.GetBytes(text), Mode = Mode };

    /// <summary>Whether both are the same bytes or the same link; who may read them does not matter.</summary>
    public bool IsSameAs(FileState other) =>
        Link == other.Link && (Content is null ? other.Content is null : other.Content is not null && Content.AsSpan().SequenceEqual(other.Content));
}
