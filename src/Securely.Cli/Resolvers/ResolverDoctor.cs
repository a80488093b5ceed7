using System.Net;
using System.Net.Sockets;
using Securely.Dns;
using Securely.Dns.Records;

namespace Securely.Cli;

/// <summary>Finds the hop at which the names of local domains are lost: the files, the server, or the system between them.</summary>
internal sealed class ResolverDoctor(SystemTree tree, CliEnvironment environment)
{
    private const string ProbeName = "securely-doctor";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>What the files say.</summary>
    public IEnumerable<Finding> LookAtFiles(ResolverManifest manifest, ResolverManager detected)
    {
        foreach (var file in manifest.Files)
        {
            var now = tree.Read(file.Path);
            yield return now.IsSameAs(file.Written) || (file.IsBlock && now.Text is { } text && TextBlock.Remove(text) != text)
                ? new Finding(true, "file", $"{tree.Locate(file.Path)} is as it was installed")
                : new Finding(false, "file", $"[{tree.Locate(file.Path)}] {(now.Exists ? "was changed" : "was removed")} since; run securely dns:install again");
        }

        if (detected != manifest.Manager && manifest.Manager != ResolverManager.Hosts)
        {
            yield return new Finding(
                false, "manager", $"Names are decided by {ResolverManagers.Title(detected)} now, but {ResolverManagers.Title(manifest.Manager)} was told; run securely dns:install again");
        }

        if (!manifest.IsApplied && manifest.Apply.Count > 0)
            yield return new Finding(false, "manager", $"{ResolverManagers.Title(manifest.Manager)} has not read its files yet; run securely dns:install again");
    }

    /// <summary>The names that are asked for.</summary>
    public static IEnumerable<string> Probes(ResolverManifest manifest) =>
        manifest.Manager == ResolverManager.Hosts ? manifest.Hosts : manifest.Domains.Select(domain => $"{ProbeName}.{domain}");

    /// <summary>Asks the server and the system for a name, and says who of them is wrong.</summary>
    public async Task<IReadOnlyList<Finding>> AskAsync(ResolverManifest manifest, string name, CancellationToken cancellationToken)
    {
        var isFile = manifest.Manager == ResolverManager.Hosts;
        var (direct, problem) = isFile ? ([], null) : await AskServerAsync(IPEndPoint.Parse(manifest.Server), name, cancellationToken);
        var server = problem is null
            ? new Finding(true, "server", $"The server at {manifest.Server} says that {name} is {Text(direct)}")
            : new Finding(false, "server", problem);
        var (seen, silence) = await AskSystemAsync(name, cancellationToken);
        var system = (seen, problem) switch
        {
            ([], null) => new Finding(false, "system", $"The system does not find [{name}] ({silence}), {(isFile ? "though it is in the file of hosts" : "though the server does")}: {ResolverManagers.Title(manifest.Manager)} does not ask it; run securely dns:install again"),
            ([], _) => new Finding(false, "system", $"The system does not find [{name}] either ({silence})"),
            (_, null) when !isFile && seen.Except(direct).Any() => new Finding(false, "system", $"The system says that [{name}] is {Text(seen)}, which is not from this server: somebody else is asked first"),
            (_, not null) => new Finding(false, "system", $"The system says that [{name}] is {Text(seen)}, though the server does not answer: somebody else is asked"),
            _ => new Finding(true, "system", $"The system says that {name} is {Text(seen)}"),
        };
        return isFile ? [system] : [server, system];
    }

    private async Task<(IReadOnlyList<IPAddress> Addresses, string? Problem)> AskServerAsync(IPEndPoint server, string name, CancellationToken cancellationToken)
    {
        var client = new DnsClient(server, environment.Time) { Patience = Patience };
        var addresses = new List<IPAddress>();
        try
        {
            foreach (var type in (RecordType[])[RecordType.A, RecordType.Aaaa])
            {
                var answer = await client.AskAsync(new DnsMessage { RecursionDesired = true, Questions = [new Question(DomainName.Parse(name), type)] }, cancellationToken);
                if (answer.Code != ResponseCode.Success)
                    return ([], $"The server at [{server}] answers [{ResponseCodeText.NameOf(answer.Code)}] for [{name}]: it does not serve this domain; add it to [dns.local.tlds]");
                addresses.AddRange(answer.Answers.Where(record => record.Type == type).Select(record => IPAddress.Parse(record.DataText)));
            }
        }
        catch (Exception error) when (error is TimeoutException or IOException)
        {
            return ([], $"{error.Message.TrimEnd('.')}; start it with securely serve, with [dns.listen] and [dns.local] in its configuration");
        }

        return addresses.Count > 0 ? (addresses, null) : ([], $"The server at [{server}] has no address for [{name}]; add its domain to [dns.local.tlds]");
    }

    private async Task<(IReadOnlyList<IPAddress> Addresses, string? Problem)> AskSystemAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await environment.ResolveHost(name, cancellationToken), "no address");
        }
        catch (SocketException error)
        {
            return ([], error.Message);
        }
    }

    private static string Text(IEnumerable<IPAddress> addresses) => string.Join(", ", addresses.Select(address => address.ToString()).Distinct());
}

/// <summary>One thing that was looked at.</summary>
/// <param name="IsGood">Whether it is as it should be.</param>
/// <param name="Hop">What it is about: <c>file</c>, <c>manager</c>, <c>server</c> or <c>system</c>.</param>
/// <param name="Message">A sentence.</param>
internal sealed record Finding(bool IsGood, string Hop, string Message);
