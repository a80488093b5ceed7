using System.Net;

namespace Securely.Cli;

/// <summary>What each manager has to be told, and how (spec/dns.md 5.2).</summary>
internal static class ResolverPlanner
{
    private const string Header = "# Written by securely dns:install; securely dns:uninstall removes it.\n";
    private const int NameServerPort = 53;
    private static readonly string[] ReservedForUse = ["test", "example", "invalid", "localhost", "internal", "lan", "home", "corp", "intranet", "private"];

    /// <summary>Makes the plan.</summary>
    /// <exception cref="CliException">The manager cannot do what is wanted; the message says what can.</exception>
    public static ResolverPlan Make(ResolverManager manager, ResolverRequest request, SystemTree tree)
    {
        if (request.Link is not null && manager != ResolverManager.Resolved)
            throw new CliException($"Option [--link] is for systemd-resolved; {ResolverManagers.Title(manager)} has nothing for a single interface");
        if (request.IsOnly && manager != ResolverManager.File)
            throw new CliException($"Option [--only] is for /etc/resolv.conf; {ResolverManagers.Title(manager)} asks the server for its own domains alone");
        var plan = manager switch
        {
            ResolverManager.Resolved => Resolved(request),
            ResolverManager.NetworkManager => NetworkManager(request),
            ResolverManager.Resolvconf => Resolvconf(request),
            ResolverManager.Openresolv => Openresolv(request),
            ResolverManager.File => PlainFile(request, tree),
            ResolverManager.MacOs => MacOs(request),
            ResolverManager.Windows => Windows(request),
            _ => HostsFile(request, tree),
        };
        return plan with { Notes = [.. Warnings(request), .. plan.Notes] };
    }

    private static IEnumerable<string> Warnings(ResolverRequest request) => request.Domains
        .Where(domain => !ReservedForUse.Contains(domain[(domain.LastIndexOf('.') + 1)..]))
        .Select(domain => $"[{domain}] may be a domain of the internet, whose names are then out of reach; [test] never is");

    private static ResolverPlan Resolved(ResolverRequest request)
    {
        if (request.Server.Address is { } address && (address.Equals(IPAddress.Parse("127.0.0.53")) || address.Equals(IPAddress.Parse("127.0.0.54"))))
            throw new CliException($"[{address}] belongs to systemd-resolved itself; let the server listen on 127.0.0.1");
        string[] domains = [.. request.Domains.Select(domain => "~" + domain)];
        if (request.Link is { } link)
        {
            return new ResolverPlan
            {
                Manager = ResolverManager.Resolved,
                Apply = [["resolvectl", "dns", link, request.ServerText], ["resolvectl", "domain", link, .. domains], ["resolvectl", "default-route", link, "false"]],
                Undo = [["resolvectl", "revert", link]],
                Notes = [$"What an interface is told is forgotten when [{link}] goes down or systemd-resolved restarts"],
            };
        }

        string[] reload = ["systemctl", "reload-or-restart", "systemd-resolved"];
        return new ResolverPlan
        {
            Manager = ResolverManager.Resolved,
            Files = [new("/etc/systemd/resolved.conf.d/90-securely.conf", _ => $"{Header}[Resolve]\nDNS={request.ServerText}\nDomains={string.Join(' ', domains)}\n")],
            Apply = [reload],
            Undo = [reload],
            Notes = ["Where no interface has a name server of its own, systemd-resolved asks this one for all names: let it forward (dns.forward), or give an interface with --link"],
        };
    }

    private static ResolverPlan NetworkManager(ResolverRequest request) => new()
    {
        Manager = ResolverManager.NetworkManager,
        Files = [new("/etc/NetworkManager/dnsmasq.d/securely.conf", _ => Header + string.Concat(request.Domains.Select(domain => $"server=/{domain}/{request.DnsmasqText}\n")))],
        Apply = [["nmcli", "general", "reload"]],
        Undo = [["nmcli", "general", "reload"]],
    };

    private static ResolverPlan Resolvconf(ResolverRequest request)
    {
        NeedsUsualPort(request, ResolverManager.Resolvconf);
        return new ResolverPlan
        {
            Manager = ResolverManager.Resolvconf,
            Files = [new("/etc/resolvconf/resolv.conf.d/head", text => TextBlock.Append(text, "\n", $"nameserver {request.Server.Address}"), TextBlock.Remove)],
            Apply = [["resolvconf", "-u"]],
            Undo = [["resolvconf", "-u"]],
        };
    }

    private static ResolverPlan Openresolv(ResolverRequest request)
    {
        NeedsUsualPort(request, ResolverManager.Openresolv);
        return new ResolverPlan
        {
            Manager = ResolverManager.Openresolv,
            // The file is a script: what somebody has set before stays behind ours.
            Files = [new("/etc/resolvconf.conf", text => TextBlock.Append(text, "\n", $"name_servers=\"{request.Server.Address} ${{name_servers}}\""), TextBlock.Remove)],
            Apply = [["resolvconf", "-u"]],
            Undo = [["resolvconf", "-u"]],
        };
    }

    private static ResolverPlan PlainFile(ResolverRequest request, SystemTree tree)
    {
        const string Path = "/etc/resolv.conf";
        NeedsUsualPort(request, ResolverManager.File);
        var before = tree.ReadText(Path) ?? "";
        var others = before.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("nameserver", StringComparison.Ordinal))
            .Select(line => line["nameserver".Length..].Trim()).Where(server => server != request.Server.Address.ToString()).Distinct().ToList();
        var notes = new List<string>();
        if (request.IsOnly)
            notes.Add($"The server is asked for all names from now on: let it forward the others to [{string.Join(", ", others)}] (dns.forward), and never to itself");
        else if (tree.Files("/lib").Any(file => file.StartsWith("/lib/ld-musl-", StringComparison.Ordinal)))
            notes.Add("The C library of this system asks all servers at once and takes the first answer; use --only, with a server that forwards");
        if (tree.Read(Path).Link is { } link)
            notes.Add($"[{Path}] is a link to [{link}]; whoever writes that may put it back, and dns:doctor will say so");
        return new ResolverPlan
        {
            Manager = ResolverManager.File,
            Files =
            [
                new(
                    Path,
                    text => TextBlock.Prepend(request.IsOnly ? TextBlock.Silence(text ?? "", "nameserver") : text, $"nameserver {request.Server.Address}"),
                    TextBlock.Remove),
            ],
            Notes = notes,
        };
    }

    private static ResolverPlan MacOs(ResolverRequest request)
    {
        IReadOnlyList<string>[] flush = [["dscacheutil", "-flushcache"], ["killall", "-HUP", "mDNSResponder"]];
        var text = string.Create(null, $"{Header}nameserver {request.Server.Address}\nport {request.Server.Port}\n");
        return new ResolverPlan
        {
            Manager = ResolverManager.MacOs,
            Files = [.. request.Domains.Select(domain => new PlannedFile("/etc/resolver/" + domain, _ => text))],
            Apply = flush,
            Undo = flush,
            Notes = ["Look at the result with scutil --dns; dig does not ask the system"],
        };
    }

    private static ResolverPlan Windows(ResolverRequest request)
    {
        NeedsUsualPort(request, ResolverManager.Windows);
        const string Remove = "Get-DnsClientNrptRule | Where-Object Comment -eq 'securely' | Remove-DnsClientNrptRule -Force";
        // Names are letters, digits, hyphens and dots here, so none of them can end the text that it stands in.
        var add = request.Domains.Select(domain => $"Add-DnsClientNrptRule -Namespace '.{domain}' -NameServers {request.Server.Address} -Comment securely");
        return new ResolverPlan
        {
            Manager = ResolverManager.Windows,
            Apply = [PowerShell([Remove, .. add, "Clear-DnsClientCache"])],
            Undo = [PowerShell([Remove, "Clear-DnsClientCache"])],
            Notes = ["The policy outlives the server: names of these domains are out of reach while it does not run. Look with Resolve-DnsName; nslookup does not ask the system"],
        };

        static string[] PowerShell(string[] lines) => ["powershell", "-NoProfile", "-NonInteractive", "-Command", string.Join("; ", lines)];
    }

    private static ResolverPlan HostsFile(ResolverRequest request, SystemTree tree)
    {
        if (request.Hosts.Count == 0)
            throw new CliException("The file of hosts knows single names only; name them with --host, or let a configuration have [sites] below the domains");
        var isWindows = tree.HasDirectory("/Windows/System32");
        var lines = request.HostAddresses.Select(address => $"{address} {string.Join(' ', request.Hosts)}").ToList();
        return new ResolverPlan
        {
            Manager = ResolverManager.Hosts,
            Files = [new(isWindows ? "/Windows/System32/drivers/etc/hosts" : "/etc/hosts", text => TextBlock.Append(text, isWindows ? "\r\n" : "\n", lines), TextBlock.Remove)],
            Notes = ["A name that comes later is not in the file: install again"],
        };
    }

    private static void NeedsUsualPort(ResolverRequest request, ResolverManager manager)
    {
        if (request.Server.Port != NameServerPort)
        {
            throw new CliException(
                $"{ResolverManagers.Title(manager)} knows no ports, and the server is at [{request.ServerText}]; let it listen on port 53 ([dns.listen]), or use --manager hosts with --host");
        }
    }
}
