using Securely.Config;
using Securely.Hosting;
using Securely.Proxy;

namespace Securely.Cli;

/// <summary>Reads a configuration file whole: each section by its reader, everything that is wrong in one go.</summary>
internal static class ConfigurationReader
{
    // All other sections of ours are reported as not available yet by the reader of the process's keys.
    private static readonly HashSet<string> Sections = new(StringComparer.Ordinal)
    {
        ListenersSection.Name, UpstreamsSection.Name, SitesSection.Name, ForwardedSection.Name, DataDirectory.Name, LimitsSection.Name, ControlSocketOptions.Key,
        TrustedProxiesSection.Name, MetricsSection.Name, AccessLogSection.Name, TracesSection.Name, LogSection.Name,
        SettingsSection.Name, DnsSection.Name,
    };

    /// <summary>Whether the server has a meaning of its own for a key of the top level.</summary>
    public static bool IsOfServer(string key) => Sections.Contains(key) || ServerOptionsReader.IsKnown(key);

    /// <summary>Reads a file and reports what is wrong with it.</summary>
    /// <param name="path">The file; diagnostics name it as it is written here.</param>
    /// <param name="environment">Decides the default data directory, and what time it is.</param>
    /// <param name="diagnostics">Takes errors and warnings; with errors the configuration must not be used.</param>
    /// <returns>The configuration, or null when the file has no structure that could be read, or values that cannot be decrypted.</returns>
    public static SecurelyConfiguration? Read(string path, CliEnvironment environment, ConfigDiagnostics diagnostics) =>
        YamlReader.ReadFile(path, diagnostics) is { } file && EncryptedValues.Reveal(file, path, environment, diagnostics) is { } values
            ? Read(values, path, environment, diagnostics)
            : null;

    /// <summary>Reads what a file holds.</summary>
    internal static SecurelyConfiguration? Read(ConfigValue file, string path, CliEnvironment environment, ConfigDiagnostics diagnostics)
    {
        if (file.Kind is not (ConfigKind.Map or ConfigKind.Null))
        {
            diagnostics.Error(file.Origin, "A configuration is a map of keys and values, as in [threads: 2]");
            return null;
        }

        // Only our sections, so that finishing it does not take the keys of the process and of the user for unknown ones.
        var sections = file.Entries.Where(entry => Sections.Contains(entry.Key));
        var root = new SectionReader(ConfigValue.FromMap(sections, file.Origin), "", diagnostics) { NeedsValues = true };
        var dataDirectory = DataDirectory.Read(root, environment);
        var configuration = new SecurelyConfiguration
        {
            File = path,
            Source = file,
            Server = ServerOptionsReader.Read(file, diagnostics, Sections),
            // A machine that only answers names needs no web server on a port of its own choice.
            Listeners = file.Kind == ConfigKind.Map && HasOnlyNames(root) ? [] : ListenersSection.Read(root, environment.Time),
            Proxy = new ProxyConfiguration
            {
                Upstreams = UpstreamsSection.Read(root, environment.Time),
                Sites = SitesSection.Read(root),
                Forwarded = ForwardedSection.Read(root),
                TrustedProxies = TrustedProxiesSection.Read(root),
            },
            MaxConnections = LimitsSection.Read(root),
            DataDirectory = dataDirectory,
            ControlSocket = ControlSocketOptions.Read(root, dataDirectory),
            Metrics = MetricsSection.Read(root),
            AccessLog = AccessLogSection.Read(root),
            Traces = TracesSection.Read(root),
            Log = LogSection.Read(root),
            Settings = SettingsSection.Read(root),
            Dns = DnsSection.Read(root, environment.Time),
        };
        root.Finish();
        CheckWhole(file, configuration, diagnostics);
        return configuration;
    }

    /// <summary>Reports what no section can see by itself.</summary>
    private static void CheckWhole(ConfigValue file, SecurelyConfiguration configuration, ConfigDiagnostics diagnostics)
    {
        AddressCollisions.Report(file, configuration, diagnostics);
        PathProblems.ReportFile("error_log", configuration.Server.ErrorLog, file["error_log"]?.Origin ?? file.Origin, diagnostics);
        RouteProblems.Report(file, RouteTable.Check(configuration.Proxy), diagnostics);
    }

    private static bool HasOnlyNames(SectionReader root) =>
        root.Has(DnsSection.Name) && !root.Has(ListenersSection.Name) && !root.Has(SitesSection.Name) && !root.Has(UpstreamsSection.Name);

    /// <summary>What is served without a file: the welcome page on the default address.</summary>
    public static SecurelyConfiguration WithoutFile(CliEnvironment environment)
    {
        var dataDirectory = DataDirectory.Default(environment);
        return new SecurelyConfiguration
        {
            Server = new ServerOptions(),
            Listeners = [ListenerOptions.Default],
            Proxy = WelcomePage.Configuration(),
            DataDirectory = dataDirectory,
            ControlSocket = ControlSocketOptions.Default(dataDirectory),
        };
    }
}
