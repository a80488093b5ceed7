namespace Securely.Config;

/// <summary>Reads the sources of a configuration one over the other.</summary>
internal sealed class SourceReader(ConfigSources sources, ConfigDiagnostics diagnostics)
{
    private const string CommandLineName = "command line";
    private const string VariablesName = "environment";

    private readonly HashSet<string> _fileVariables = new(StringComparer.Ordinal);
    private ConfigValue _root = sources.Defaults;

    public static string[] YamlFilesOf(string directory) =>
        [.. Directory.EnumerateFiles(directory, "*.yaml").Concat(Directory.EnumerateFiles(directory, "*.yml")).Order(StringComparer.Ordinal)];

    public ConfigValue Read()
    {
        foreach (var file in sources.YamlFiles)
            Add(YamlReader.ReadFile(file, diagnostics), file);
        if (sources.YamlDirectory is { } directory)
            AddDirectory(directory);
        foreach (var file in sources.JsonFiles)
            Add(JsonReader.ReadFile(file, diagnostics), file);
        if (sources.DotEnvFile is { } dotEnv)
        {
            AddDotEnv(dotEnv);
            if (FindEnvironment() is { } name)
                AddDotEnv(dotEnv + "." + name);
        }

        AddVariables();
        foreach (var argument in sources.CommandLine)
            AddArgument(argument);
        return _root;
    }

    /// <summary>The name of the environment; null when nobody names one, or what is named cannot be part of a file's name.</summary>
    public string? FindEnvironment()
    {
        var name = sources.EnvironmentName ?? sources.Variables?.GetValueOrDefault(ConfigSources.EnvironmentVariable);
        if (name is null && sources.DotEnvFile is { } file && File.Exists(file))
            name = DotEnvReader.ReadFile(file, new ConfigDiagnostics())?.LastOrDefault(entry => entry.Name == ConfigSources.EnvironmentVariable)?.Value;
        if (string.IsNullOrEmpty(name))
            return null;
        if (name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.') && !name.Contains("..", StringComparison.Ordinal))
            return name;
        diagnostics.Error(new ConfigOrigin(VariablesName, 0, 0), $"[{ConfigSources.EnvironmentVariable}] must be letters, digits, [-] and [_], as in [production], because it is part of a file's name");
        return null;
    }

    private void Add(ConfigValue? value, string file)
    {
        if (value is null or { Kind: ConfigKind.Null })
            return;
        if (value.Kind == ConfigKind.Map)
            _root = ConfigTree.Merge(_root, value);
        else
            diagnostics.Error(value.Origin, $"[{file}] must be a map of keys and values at its top, not {value.Describe()}");
    }

    private void AddDirectory(string directory)
    {
        try
        {
            if (!Directory.Exists(directory))
                return;
            foreach (var file in YamlFilesOf(directory))
            {
                if (YamlReader.ReadFile(file, diagnostics) is not { } value)
                    continue;
                var name = Path.GetFileNameWithoutExtension(file);
                var section = ConfigValue.FromMap([new ConfigEntry(name, value.Origin, value.Kind == ConfigKind.Null ? ConfigValue.EmptyMap : value)], value.Origin);
                _root = ConfigTree.Merge(_root, section);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            diagnostics.Error(new ConfigOrigin(directory, 0, 0), $"[{directory}] cannot be listed: {error.Message}");
        }
    }

    private void AddDotEnv(string file)
    {
        // A directory is none, which the reader says.
        if (!Path.Exists(file) || DotEnvReader.ReadFile(file, diagnostics, Variable) is not { } entries)
            return;
        foreach (var entry in entries.Where(entry => entry.Value is not null))
        {
            _fileVariables.Add(entry.Name);
            Set(entry.Name, EnvironmentText.ToValue(entry.Value!, entry.Origin, entry.IsQuoted));
        }
    }

    private void AddVariables()
    {
        if (sources.Variables is not { } variables)
            return;
        foreach (var (name, text) in variables.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (IsNested(name) || sources.VariableNames.ContainsKey(name) || _fileVariables.Contains(name))
                Set(name, EnvironmentText.ToValue(text, new ConfigOrigin($"{VariablesName} [{name}]", 0, 0)));
        }
    }

    private void AddArgument(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        var key = (equals < 0 ? argument : argument[..equals]).TrimStart('-');
        var origin = new ConfigOrigin(CommandLineName, 0, 0);
        if (equals < 0 || key.Length == 0)
            diagnostics.Error(origin, $"[{argument}] must be a key and a value, as in [app.name=Shop]");
        else
            _root = ConfigTree.Set(_root, key, EnvironmentText.ToValue(argument[(equals + 1)..], origin));
    }

    /// <summary>Puts a variable at its key, or at its own name where it has none.</summary>
    private void Set(string name, ConfigValue value)
    {
        var key = IsNested(name) ? string.Join('.', name.Split("__").Select(part => part.ToLowerInvariant())) : name;
        _root = ConfigTree.Set(_root, key, value);
        if (sources.VariableNames.TryGetValue(name, out var mapped))
            _root = ConfigTree.Set(_root, mapped, value);
    }

    private string? Variable(string name) => sources.Variables?.GetValueOrDefault(name);

    private static bool IsNested(string name) => name.Contains("__", StringComparison.Ordinal) && name.Split("__").All(part => part.Length > 0);
}
