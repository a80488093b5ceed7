namespace Securely.Proxy;

/// <summary>Checks sites and makes the table of their hosts; used once per table.</summary>
internal sealed class SiteCompiler(List<RouteTableProblem> problems, RouteCompiler routes, RouteTableOptions tableOptions)
{
    public HostTable Compile(IReadOnlyList<SiteOptions> sites)
    {
        var hosts = new HostTable.Builder();
        for (var i = 0; i < sites.Count; i++)
        {
            Compile(sites[i], $"sites[{i}]", hosts);
        }

        return hosts.Build();
    }

    private void Compile(SiteOptions options, string path, HostTable.Builder hosts)
    {
        // Its first host is what somebody would call it.
        var site = new Site(new SiteFigures(options.Hosts is [{ Length: > 0 } first, ..] ? first : path, tableOptions.Metrics));
        if (options.Hosts.Count == 0)
        {
            problems.Add(new RouteTableProblem(
                $"{path}.hosts",
                "Site [] has no hosts; write hosts: [app.test], or [\"*\"] for every host"));
        }

        for (var i = 0; i < options.Hosts.Count; i++)
        {
            if (hosts.Add(options.Hosts[i], site) is { } problem)
            {
                problems.Add(new RouteTableProblem($"{path}.hosts[{i}]", problem));
            }
        }

        if (options.Routes.Count == 0)
        {
            problems.Add(new RouteTableProblem(
                $"{path}.routes",
                $"Site [{string.Join(", ", options.Hosts)}] has no routes; write at least - upstream: NAME"));
        }

        site.SetRoutes(options.Routes.Select((route, index) => routes.Compile(route, $"{path}.routes[{index}]")));
    }
}
