namespace Securely.Config;

/// <summary>
/// Where a configuration comes from. Later sources win over earlier ones, value by value: defaults, YAML, JSON, dotenv, environment
/// variables, command line. Unchangeable; reading touches the files, so read it where that may wait.
/// </summary>
public sealed record ConfigSources
{
    /// <summary>The variable that names the environment when <see cref="EnvironmentName"/> does not.</summary>
    public const string EnvironmentVariable = "APP_ENV";

    /// <summary>What counts where nothing else says anything; nothing by default.</summary>
    public ConfigValue Defaults { get; init; } = ConfigValue.EmptyMap;

    /// <summary>YAML files; a later one wins. One that does not exist is an error.</summary>
    public IReadOnlyList<string> YamlFiles { get; init; } = [];

    /// <summary>
    /// A directory of YAML files; each <c>NAME.yaml</c> is the section NAME, in the order of the names. Null for none. A directory that does not exist has none.
    /// </summary>
    public string? YamlDirectory { get; init; }

    /// <summary>JSON files; a later one wins. One that does not exist is an error.</summary>
    public IReadOnlyList<string> JsonFiles { get; init; } = [];

    /// <summary>
    /// A dotenv file; null for none. It need not exist. Beside it <c>FILE.{environment}</c> wins over it. A variable <c>APP__NAME</c> is the key
    /// <c>app.name</c>; every other one is a key of its own name, and that of <see cref="VariableNames"/> too.
    /// </summary>
    public string? DotEnvFile { get; init; }

    /// <summary>The environment, such as <c>production</c>; null for the value of <c>APP_ENV</c> in the variables, else in the dotenv file.</summary>
    public string? EnvironmentName { get; init; }

    /// <summary>
    /// The variables of the process; null for none. Only those count that are written <c>APP__NAME</c>, that have a name in <see cref="VariableNames"/>,
    /// or that stand in the dotenv file too; they win over the file's.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Variables { get; init; }

    /// <summary>Variables and the keys that they are, as in <c>DATABASE_URL</c> for <c>database.url</c>.</summary>
    public IReadOnlyDictionary<string, string> VariableNames { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Arguments of the command line, each <c>key=value</c> or <c>--key=value</c>.</summary>
    public IReadOnlyList<string> CommandLine { get; init; } = [];

    /// <summary>Decrypts encrypted values when they are read; null where there is no key.</summary>
    public ConfigSecrets? Secrets { get; init; }

    /// <summary>What the whole must look like; null for anything.</summary>
    public ConfigSchema? Schema { get; init; }

    /// <summary>Reads all sources and reports everything that is wrong.</summary>
    /// <param name="diagnostics">Takes errors and warnings.</param>
    /// <returns>The tree; with errors it must not be used.</returns>
    public ConfigValue Read(ConfigDiagnostics diagnostics)
    {
        ArgumentNullException.ThrowIfNull(diagnostics);
        var root = new SourceReader(this, diagnostics).Read();
        Schema?.Check(root, diagnostics);
        return root;
    }

    /// <summary>The files that reading looks at, whether they exist or not.</summary>
    internal IEnumerable<string> Files()
    {
        var directory = YamlDirectory is not null && Directory.Exists(YamlDirectory) ? SourceReader.YamlFilesOf(YamlDirectory) : [];
        var files = YamlFiles.Concat(directory).Concat(JsonFiles);
        if (DotEnvFile is null)
            return files;
        var name = new SourceReader(this, new ConfigDiagnostics()).FindEnvironment();
        return files.Append(DotEnvFile).Concat(name is null ? [] : [DotEnvFile + "." + name]);
    }
}
