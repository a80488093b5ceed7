using System.Globalization;
using Securely.Config;
using Securely.Proxy;

namespace Securely.Cli;

/// <summary>Turns the problems of a route table, which name keys, into diagnostics, which name lines.</summary>
internal static class RouteProblems
{
    /// <summary>Reports each problem at the nearest place that the file has for it.</summary>
    /// <param name="root">The file.</param>
    /// <param name="problems">What the route table found.</param>
    /// <param name="diagnostics">A place that has an error already gets no second one: it could not be read, and the table saw a placeholder.</param>
    public static void Report(ConfigValue root, IReadOnlyList<RouteTableProblem> problems, ConfigDiagnostics diagnostics)
    {
        var known = diagnostics.Items.Where(item => item.Severity == ConfigSeverity.Error).Select(item => item.Origin).ToHashSet();
        foreach (var problem in problems)
        {
            var origin = Locate(root, problem.Path);
            if (!known.Contains(origin))
                diagnostics.Error(origin, problem.Message);
        }
    }

    /// <summary>The place of a path such as <c>sites[0].routes[2].match.path</c>, or of the last step that the file has.</summary>
    internal static ConfigOrigin Locate(ConfigValue root, string path)
    {
        var value = root;
        var origin = root.Origin;
        foreach (var step in path.Split(['.', '['], StringSplitOptions.RemoveEmptyEntries))
        {
            if (Step(value, step) is not var (next, place))
                break;
            (value, origin) = (next, place);
        }

        return origin;
    }

    private static (ConfigValue Value, ConfigOrigin Origin)? Step(ConfigValue value, string step)
    {
        if (!step.EndsWith(']'))
            return value.TryGetEntry(step, out var entry) ? (entry.Value, PlaceOf(entry)) : null;
        var position = int.Parse(step.AsSpan(0, step.Length - 1), CultureInfo.InvariantCulture);
        if (value.Kind == ConfigKind.List && position < value.Items.Count)
            return (value.Items[position], value.Items[position].Origin);
        if (value.Kind == ConfigKind.Map && position < value.Entries.Count)
            return (value.Entries[position].Value, value.Entries[position].KeyOrigin);
        // One text may stand for a list of one.
        return value.Kind == ConfigKind.Text && position == 0 ? (value, value.Origin) : null;
    }

    /// <summary>A map is where its key is, since that is what somebody looks for; a text is where it starts.</summary>
    private static ConfigOrigin PlaceOf(ConfigEntry entry) =>
        entry.Value.Kind is ConfigKind.Text or ConfigKind.List ? entry.Value.Origin : entry.KeyOrigin;
}
