using Securely.Config;
using Securely.Dns;

namespace Securely.Cli;

/// <summary>Reads the zone files of a configuration, and has them watched.</summary>
internal static class ZoneLoading
{
    /// <summary>Reads them all; their warnings are passed on.</summary>
    /// <param name="zones">The zones.</param>
    /// <param name="warn">Takes each warning as a line.</param>
    /// <param name="name">The name of the service that watches the files.</param>
    /// <exception cref="ConfigException">One has errors; all errors of all are in it.</exception>
    public static (Catalog Catalog, ZoneReloader Reloader) Load(IReadOnlyList<DnsZoneOptions> zones, Action<string> warn, string name = "zones")
    {
        var diagnostics = new ConfigDiagnostics();
        var loaded = new List<Zone>();
        var catalog = new Catalog();
        var reloader = new ZoneReloader(catalog, name: name);
        foreach (var options in zones)
        {
            if (options.File is null)
                continue;
            var file = ZoneFileReader.Read(options.File, options.Name);
            reloader.Watch(file);
            if (Zone.TryBuild(file, out var zone))
                loaded.Add(zone);
            foreach (var problem in file.Problems)
            {
                if (problem.Severity == ZoneProblemSeverity.Error)
                    diagnostics.Error(new ConfigOrigin(problem.File, Math.Max(problem.Line, 1), Math.Max(problem.Column, 1)), problem.Message);
                else
                    warn(problem.ToString());
            }
        }

        if (diagnostics.HasErrors)
            throw new ConfigException(diagnostics);
        catalog.PutAll(loaded);
        return (catalog, reloader);
    }
}
