using System.CommandLine;

namespace Securely.Cli;

/// <summary><c>dns:install</c>: has this machine ask our name server for the names of local domains.</summary>
internal sealed class DnsInstallCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ResolverCall _call = new(output, environment);
    private readonly Option<string[]> _domains = new("--tld") { HelpName = "DOMAIN", Description = "A domain whose names are asked of the server; may be repeated; that of dns.local, else test", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> _address = new("--ip") { HelpName = "ADDRESS", Description = "Where the server answers; that of dns.listen, else 127.0.0.1" };
    private readonly Option<int?> _port = new("--port") { HelpName = "PORT", Description = "Its port; that of dns.listen, else 53" };
    private readonly Option<string?> _manager = new("--manager") { HelpName = "NAME", Description = $"Who decides on this machine, where that is not to be found out: {string.Join(", ", ResolverManagers.ByName.Keys)}" };
    private readonly Option<string[]> _hosts = new("--host") { HelpName = "NAME", Description = "A single name, for the manager hosts; may be repeated; those of sites", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> _link = new("--link") { HelpName = "INTERFACE", Description = "Tell systemd-resolved for one interface only, until that goes down" };
    private readonly Option<bool> _only = new("--only") { Description = "In /etc/resolv.conf, let no other server be asked; ours has to forward" };

    public Command Build()
    {
        var command = new DocumentedCommand("dns:install", "Let this machine ask the name server for local domains")
        {
            Details =
            [
                "Finds out who decides on this machine where names are asked for, and tells it: systemd-resolved, NetworkManager with dnsmasq, resolvconf, openresolv, "
                + "/etc/resolv.conf, macOS or Windows; or writes single names into the file of hosts. What was there before is kept, so that dns:uninstall puts it back byte for byte. "
                + "Doing it again changes nothing, or replaces what was installed.",
                "Domains and the server's address are those of the configuration that serve would read (dns.local and dns.listen). Needs root. dns:doctor says whether it works.",
            ],
            Examples =
            [
                new("securely dns:install --dry-run", "Show what would change"),
                new("securely dns:install", "Change it"),
                new("securely dns:install --tld test internal --port 5353", "Ask for the names of two domains on another port"),
                new("securely dns:install --manager hosts --host app.test", "Write one name into the file of hosts"),
            ],
        };
        foreach (var option in (Option[])[_domains, _address, _port, _manager, _hosts, _link, _only, ConfigurationOption.Create()])
            command.Options.Add(option);
        ResolverCall.Declare(command, "Show what would change, and change nothing");
        command.SetAction(RunAsync);
        return command;
    }

    private Task<int> RunAsync(ParseResult line, CancellationToken cancellationToken)
    {
        if (line.GetValue(_port) is { } port and (< 1 or > 65535))
            throw new CliException(string.Create(null, $"Option [--port]: [{port}] is not a port"), ExitCode.Usage);
        var request = _call.Request(
            line.GetValue(_domains) ?? [], line.GetValue(_address), line.GetValue(_port), line.GetValue(_hosts) ?? [], line.GetValue<string?>(ConfigurationOption.Name));
        var tree = _call.Tree(line);
        var manager = ResolverCall.Manager(line.GetValue(_manager), tree, ResolverCall.IsMachine(line));
        request = request with { Link = line.GetValue(_link), IsOnly = line.GetValue(_only), Hosts = manager == ResolverManager.Hosts ? request.Hosts : [] };
        var plan = ResolverPlanner.Make(manager, request, tree);
        var installer = new ResolverInstaller(tree);
        output.WriteLine($"{ResolverManagers.Title(manager)}: {(manager == ResolverManager.Hosts ? string.Join(", ", request.Hosts) : $"names of {string.Join(", ", request.Domains)} are asked at {request.ServerText}")}");
        return _call.CarryOutAsync(line, tree, installer, installer.Install(plan, request), cancellationToken);
    }
}
