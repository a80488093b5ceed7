using Securely.Config;
using Securely.Encrypt;
using Securely.Settings;

namespace Securely.Cli;

/// <summary>Finds what an application has encrypted beside its settings, and encrypts it with the current key of a ring.</summary>
/// <param name="ring">The keys, the new one first.</param>
/// <param name="before">Reads what the old keys encrypted.</param>
/// <param name="environment">The clock of waiting, and where the configuration is.</param>
internal sealed class KeyRotation(KeyRing ring, ConfigSecrets before, CliEnvironment environment)
{
    private const string History = ".history";

    // The largest file that is read whole; a longer one was made by FileEncrypter.
    private const int MaxPayload = 4 * 1024 * 1024;

    private static readonly string[] NoSettings = [".lock", History, ".new", ".tmp"];

    /// <summary>Encrypts with the new key, and decrypts with all of them.</summary>
    public ConfigSecrets Next { get; } = new(new Encrypter(ring));

    /// <summary>The files of scopes and environments beside a dotenv file: <c>.env.server</c>, <c>.env.site.HOST</c>, <c>.env.production</c>.</summary>
    public static IReadOnlyList<string> SiblingsOf(string path)
    {
        var beside = Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileName(path) + ".*").ToArray();
        // The history of a file is encrypted even where the file is not.
        var remembered = beside.Where(file => file.EndsWith(History, StringComparison.Ordinal)).Select(file => file[..^History.Length]);
        return [.. beside.Where(file => !NoSettings.Contains(Path.GetExtension(file), StringComparer.Ordinal) && !FileEncrypter.IsEncryptedFile(file) && HasSecrets(file))
            .Concat(remembered)
            .Distinct(StringComparer.Ordinal)
            .Where(file => file != Path.GetFullPath(path))
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>The YAML of the configuration: its file, and those of the directory <c>config</c> beside it.</summary>
    /// <param name="named">What <c>-c</c> names; null for the usual places.</param>
    public IEnumerable<string> ConfigurationFiles(string? named)
    {
        if (ConfigurationFile.Find(named, environment) is not { } file)
            return [];
        var directory = Path.Combine(Path.GetDirectoryName(file) ?? "", "config");
        var sections = Directory.Exists(directory) ? Directory.EnumerateFiles(directory).Where(path => Path.GetExtension(path) is ".yaml" or ".yml").Order(StringComparer.Ordinal).ToArray() : [];
        return sections.Prepend(file);
    }

    /// <summary>Encrypts the values of a YAML file anew; not one other character of it changes.</summary>
    /// <returns>How many values.</returns>
    /// <exception cref="CliException">A value cannot be decrypted; the file stays as it was.</exception>
    public async Task<int> RenewYamlAsync(string path, CancellationToken cancellationToken)
    {
        var count = 0;
        await SettingsText.ChangeAsync(path, text => RenewYaml(path, text, out count), environment.Time, cancellationToken);
        return count;
    }

    /// <summary>Encrypts a file anew: one of <see cref="FileEncrypter"/>, or one that holds a single payload.</summary>
    /// <exception cref="CliException">It is neither, made with another key, or cannot be written.</exception>
    public async Task RenewFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            if (OrdinaryFile.IsSpecial(path))
                throw new CliException($"[{path}] is a pipe, a socket or a device, not a file");
            if (FileEncrypter.IsEncryptedFile(path))
            {
                await new FileEncrypter(ring).RenewFileAsync(path, cancellationToken);
                return;
            }

            if (new FileInfo(path).Length > MaxPayload || !Encrypter.AppearsEncrypted((await File.ReadAllTextAsync(path, cancellationToken)).Trim()))
                throw new CliException($"[{path}] is not an encrypted file; it stays as it is");
            await SettingsText.ChangeAsync(path, text => new Encrypter(ring).TryRenew(text.Trim(), out var renewed) ? text.Replace(text.Trim(), renewed, StringComparison.Ordinal) : text, environment.Time, cancellationToken);
        }
        catch (Exception error) when (error is DecryptException or IOException or UnauthorizedAccessException)
        {
            throw new CliException($"[{path}] stays as it is: {FailureText.Of(error)}");
        }
    }

    private static bool HasSecrets(string file)
    {
        try
        {
            return File.ReadLines(file).Any(line => line.Contains(ConfigSecrets.Prefix, StringComparison.Ordinal));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"[{file}] cannot be read: {FailureText.Of(error)}; what it holds is encrypted with the old key still");
        }
    }

    private string RenewYaml(string path, string text, out int count)
    {
        var old = Encrypted(text, path);
        count = old.Count;
        var changed = old.Distinct(StringComparer.Ordinal).Aggregate(text, (edited, value) => edited.Replace(value, Renew(path, value), StringComparison.Ordinal));
        // The same number of values is encrypted at the same keys, or something that was no value was hit.
        return Encrypted(changed, path).Count == count ? changed : throw new CliException($"[{path}] cannot be changed safely; set its encrypted values anew with securely config:set");
    }

    private static List<string> Encrypted(string text, string path) =>
        [.. ConfigTree.Dot(YamlReader.Read(text, path)).Where(entry => ConfigSecrets.IsEncrypted(entry.Value)).Select(entry => entry.Value.Text)];

    private string Renew(string path, string value)
    {
        try
        {
            return Next.Protect(before.Reveal(value));
        }
        catch (DecryptException error)
        {
            throw new CliException($"[{path}] stays as it is: a value cannot be decrypted: {error.Message}");
        }
    }
}
