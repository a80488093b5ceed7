using System.Text.Json;
using System.Text.Json.Serialization;

namespace Securely.Cli;

/// <summary>What was installed, and what was there before: everything that taking it back needs.</summary>
internal sealed record ResolverManifest
{
    public int Version { get; init; } = 1;

    public required ResolverManager Manager { get; init; }

    public required IReadOnlyList<string> Domains { get; init; }

    /// <summary>Single names, where the file of hosts was chosen.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary><c>IP:PORT</c>.</summary>
    public required string Server { get; init; }

    public required IReadOnlyList<ManifestFile> Files { get; init; }

    /// <summary>The directories that were made, the outermost first.</summary>
    public required IReadOnlyList<string> Directories { get; init; }

    /// <summary>The programs that are run after the files are as they were.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Undo { get; init; }

    /// <summary>The programs that were to make the manager read its files.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Apply { get; init; }

    /// <summary>Whether they have run; else the next installation runs them.</summary>
    public bool IsApplied { get; init; }

    /// <summary>Reads what was installed; null when nothing was.</summary>
    /// <exception cref="CliException">It cannot be read.</exception>
    public static ResolverManifest? Read(SystemTree tree, string path)
    {
        if (tree.Read(path).Content is not { } content)
            return null;
        try
        {
            return JsonSerializer.Deserialize(content, ResolverManifestJson.Default.ResolverManifest) is { Version: 1 } manifest ? manifest : throw new JsonException();
        }
        catch (JsonException)
        {
            throw new CliException($"[{tree.Locate(path)}] is not what dns:install has written, so it cannot be taken back; put the file back, or remove it and undo by hand");
        }
    }

    public FileState ToFile() => new() { Content = [.. JsonSerializer.SerializeToUtf8Bytes(this, ResolverManifestJson.Default.ResolverManifest), (byte)'\n'], Mode = 0x180 };

    /// <summary>Whether both lead to the same files and programs.</summary>
    public bool IsSameAs(ResolverManifest? other) => other is not null && ToFile().IsSameAs(other.ToFile());
}

/// <summary>A file that was changed or made.</summary>
internal sealed record ManifestFile
{
    public required string Path { get; init; }

    public required FileState Original { get; init; }

    /// <summary>As we left it.</summary>
    public required FileState Written { get; init; }

    /// <summary>Whether our part of it can be told from the rest.</summary>
    public required bool IsBlock { get; init; }
}

/// <summary>Reads and writes the manifest without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n", DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(ResolverManifest))]
internal sealed partial class ResolverManifestJson : JsonSerializerContext;
