namespace Securely.Cli;

/// <summary>
/// Decides what changes, then changes it. What was there before is written down first, so that an installation that was interrupted anywhere can be
/// taken back byte for byte.
/// </summary>
internal sealed class ResolverInstaller(SystemTree tree)
{
    private readonly ResolverManifest? _installed = ResolverManifest.Read(tree, ManifestPath(tree));

    /// <summary>What is installed; null for nothing.</summary>
    public ResolverManifest? Installed => _installed;

    /// <summary>Where it is written down what was there before.</summary>
    public static string ManifestPath(SystemTree tree) => tree.HasDirectory("/Windows/System32") ? "/ProgramData/Securely/dns-install.json" : "/var/lib/securely/dns-install.json";

    /// <summary>What an installation changes; an earlier one is replaced.</summary>
    public ResolverChanges Install(ResolverPlan plan, ResolverRequest request)
    {
        var manifest = new ResolverManifest
        {
            Manager = plan.Manager,
            Domains = request.Domains,
            Hosts = request.Hosts,
            Server = request.ServerText,
            Files = [.. plan.Files.Select(Plan).Where(file => !file.Written.IsSameAs(file.Original))],
            Directories = [],
            Apply = plan.Apply,
            Undo = plan.Undo,
        };
        var gone = _installed is null ? [] : _installed.Files.Where(old => manifest.Files.All(file => file.Path != old.Path)).ToList();
        var made = manifest.Files.Select(file => file.Path).Append(ManifestPath(tree)).SelectMany(tree.MissingDirectories);
        manifest = manifest with { Directories = [.. (_installed?.Directories ?? []).Concat(made).Distinct()] };
        var isSame = manifest.IsSameAs(_installed is null ? null : _installed with { IsApplied = false });
        var files = manifest.Files.Select(file => new FileChange(file.Path, tree.Read(file.Path), file.Written)).Concat(gone.Select(file => Restore(file, isForced: true)!));
        return new ResolverChanges
        {
            Files = [.. files.Where(change => !change.After.IsSameAs(change.Before))],
            Commands = isSame && _installed!.IsApplied ? [] : [.. Other(_installed, manifest), .. manifest.Apply],
            Notes = plan.Notes,
            Manifest = isSame ? _installed : manifest,
        };
    }

    /// <summary>What taking it back changes.</summary>
    /// <param name="isForced">Whether files that somebody has changed since are put back too.</param>
    public ResolverChanges Uninstall(bool isForced)
    {
        if (_installed is null)
            return new ResolverChanges { Files = [], Commands = [] };
        var files = new List<FileChange>();
        var kept = new List<string>();
        foreach (var file in _installed.Files)
        {
            if (Restore(file, isForced) is not { } change)
                kept.Add($"[{tree.Locate(file.Path)}] was changed since and is left as it is; look at it, or use --force to have it as it was before");
            else if (!change.After.IsSameAs(change.Before))
                files.Add(change);
        }

        return new ResolverChanges { Files = files, Commands = _installed.Undo, Kept = kept, Removed = [.. _installed.Directories.Reverse()] };
    }

    /// <summary>Writes the files.</summary>
    /// <exception cref="CliException">One cannot be written.</exception>
    public void Apply(ResolverChanges changes)
    {
        try
        {
            if (changes.Manifest is { } manifest)
                WriteManifest(manifest);
            foreach (var change in changes.Files)
                tree.Write(change.Path, change.After);
            if (changes.Manifest is null && changes.Kept.Count == 0)
                tree.Write(ManifestPath(tree), FileState.Missing);
            foreach (var directory in changes.Kept.Count == 0 ? changes.Removed : [])
                tree.RemoveIfEmpty(directory);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new CliException($"{error.Message.TrimEnd('.')}; run the command as root");
        }
        catch (IOException error)
        {
            throw new CliException(error.Message.TrimEnd('.'));
        }
    }

    /// <summary>Notes that the programs have run, so that the next installation does not run them for nothing.</summary>
    public void MarkApplied(ResolverManifest manifest) => WriteManifest(manifest with { IsApplied = true });

    private void WriteManifest(ResolverManifest manifest)
    {
        if (tree.Read(ManifestPath(tree)) is var there && !manifest.ToFile().IsSameAs(there))
            tree.Write(ManifestPath(tree), manifest.ToFile());
    }

    private ManifestFile Plan(PlannedFile planned)
    {
        var now = tree.Read(planned.Path);
        var known = _installed?.Files.FirstOrDefault(file => file.Path == planned.Path);
        var original = known is null ? now
            : now.IsSameAs(known.Written) || planned.Block is null || now.Text is not { } changed ? known.Original
            : now.With(planned.Block(changed));
        // Behind a link is what its owner has written last.
        var text = original.Link is null ? original.Text : known is null ? tree.ReadText(planned.Path) : planned.Block?.Invoke(known.Written.Text ?? "");
        return new ManifestFile
        {
            Path = planned.Path,
            Original = original,
            Written = new FileState { Mode = original.Mode ?? FileState.UsualMode }.With(planned.Change(text)),
            IsBlock = planned.Block is not null,
        };
    }

    // Null for a file that somebody has changed since, and that our part cannot be taken out of.
    private FileChange? Restore(ManifestFile file, bool isForced)
    {
        var now = tree.Read(file.Path);
        if (isForced || now.IsSameAs(file.Written) || now.IsSameAs(file.Original))
            return new FileChange(file.Path, now, file.Original);
        if (now.Text is { } text)
            return file.IsBlock ? new FileChange(file.Path, now, now.With(TextBlock.Remove(text))) : null;
        // Somebody has removed it, or made it a link again: nothing of ours is left.
        return new FileChange(file.Path, now, now);
    }

    // Another manager than before is told too.
    private static IEnumerable<IReadOnlyList<string>> Other(ResolverManifest? installed, ResolverManifest manifest) =>
        installed is null || installed.Manager == manifest.Manager ? [] : installed.Undo;
}

/// <summary>What is about to change.</summary>
internal sealed record ResolverChanges
{
    public required IReadOnlyList<FileChange> Files { get; init; }

    public required IReadOnlyList<IReadOnlyList<string>> Commands { get; init; }

    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Files that are left, and why.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];

    /// <summary>Directories that go where they are empty.</summary>
    public IReadOnlyList<string> Removed { get; init; } = [];

    /// <summary>What is installed afterwards; null for nothing.</summary>
    public ResolverManifest? Manifest { get; init; }

    public bool IsEmpty => Files.Count == 0 && Commands.Count == 0 && Kept.Count == 0;
}

/// <summary>A file before and after.</summary>
internal sealed record FileChange(string Path, FileState Before, FileState After);
