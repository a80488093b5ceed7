using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Securely.Dns;
using Securely.Net;

namespace Securely.Cli;

/// <summary>What the commands about the resolver of a machine have in common: their options, and how they show what changes.</summary>
internal sealed class ResolverCall(Output output, CliEnvironment environment)
{
    private const string RootName = "--root";
    private const string DryRunName = "--dry-run";
    private const int MostHosts = 50;

    /// <summary>Adds the options that all of them have.</summary>
    public static void Declare(Command command, string dryRun)
    {
        command.Options.Add(new Option<bool>(DryRunName) { Description = dryRun });
        command.Options.Add(new Option<string?>(RootName) { HelpName = "DIR", Description = "Use the files below this directory in place of the machine's; no program is run" });
    }

    public static bool IsDryRun(ParseResult line) => line.GetValue<bool>(DryRunName);

    /// <summary>The files that the command is about.</summary>
    public SystemTree Tree(ParseResult line)
    {
        var root = line.GetValue<string?>(RootName);
        if (root is null)
            return new SystemTree(environment.SystemRoot);
        var directory = environment.FullPath(root);
        return Directory.Exists(directory) ? new SystemTree(directory) : throw new CliException($"Option [{RootName}]: [{root}] is not a directory", ExitCode.Usage);
    }

    /// <summary>Whether the files are those of this machine, so that its programs may be told.</summary>
    public static bool IsMachine(ParseResult line) => line.GetValue<string?>(RootName) is null;

    /// <summary>Who decides: the one that is named, else the one that the files show.</summary>
    public static ResolverManager Manager(string? name, SystemTree tree, bool isMachine)
    {
        if (name is null)
            return isMachine && OperatingSystem.IsWindows() ? ResolverManager.Windows : ResolverManagers.Detect(tree);
        return ResolverManagers.ByName.TryGetValue(name, out var manager)
            ? manager
            : throw new CliException($"Option [--manager]: [{name}] is not one of {string.Join(", ", ResolverManagers.ByName.Keys)}", ExitCode.Usage);
    }

    /// <summary>What the options say, and for the rest the configuration that serve would read.</summary>
    public ResolverRequest Request(string[] domains, string? address, int? port, string[] hosts, string? configurationFile)
    {
        var configuration = ConfigurationFile.Find(configurationFile, environment) is { } file ? ConfigurationFile.Load(file, output, environment) : null;
        var dns = configuration?.Dns;
        var listen = (dns?.Listen ?? []).Select(Reachable).FirstOrDefault(endPoint => endPoint is { Port: > 0 });
        string[] wanted = domains.Length > 0 ? domains : dns is { LocalNames.Count: > 0 } ? [.. dns.LocalNames.Select(name => name.ToString())] : ["test"];
        var names = wanted.Select(Domain).Distinct().ToList();
        return new ResolverRequest
        {
            Domains = names,
            Server = new IPEndPoint(address is null ? listen?.Address ?? IPAddress.Loopback : Address(address), port ?? listen?.Port ?? 53),
            Hosts = [.. (hosts.Length > 0 ? hosts : Sites(configuration, names)).Select(Host).Distinct().Take(MostHosts)],
            HostAddresses = dns is { LocalAddresses.Count: > 0 } ? dns.LocalAddresses : [IPAddress.Loopback, IPAddress.IPv6Loopback],
        };
    }

    /// <summary>Shows each change, does it unless nothing is to be done, and has the programs run.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> CarryOutAsync(ParseResult line, SystemTree tree, ResolverInstaller installer, ResolverChanges changes, CancellationToken cancellationToken)
    {
        var isDry = IsDryRun(line);
        foreach (var change in changes.Files)
            Show(tree, change, isDry);
        foreach (var kept in changes.Kept)
            output.Fail(kept);
        if (changes.Manifest is not null && changes.Manifest != installer.Installed)
            output.WriteLine($"{(isDry ? "To keep" : "Kept")}: what was there before, in {tree.Locate(ResolverInstaller.ManifestPath(tree))}");
        if (!isDry)
            installer.Apply(changes);
        var failures = 0;
        foreach (var command in changes.Commands)
            failures += await RunAsync(command, isDry, IsMachine(line), cancellationToken) ? 0 : 1;
        if (!isDry && failures == 0 && changes.Manifest is { IsApplied: false } manifest)
            installer.MarkApplied(manifest);
        foreach (var note in changes.IsEmpty ? [] : changes.Notes)
            output.WriteLine("Note: " + note);
        if (changes.IsEmpty)
            output.WriteLine("Nothing to change");
        return failures == 0 && changes.Kept.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    private static IPEndPoint? Reachable(string listen)
    {
        if (!ListenAddress.TryParse(listen, out var parsed, out _) || parsed is not IPEndPoint endPoint)
            return null;
        if (endPoint.Address.Equals(IPAddress.Any) || listen.StartsWith('*'))
            return new IPEndPoint(IPAddress.Loopback, endPoint.Port);
        return endPoint.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, endPoint.Port) : endPoint;
    }

    private static IPAddress Address(string text) => IPAddress.TryParse(text, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text)
        ? address
        : throw new CliException($"Option [--ip]: [{text}] is not an IP address", ExitCode.Usage);

    private static string Domain(string text)
    {
        if (!DomainName.TryParse(text, out var name) || !IsPlain(text))
            throw new CliException($"[{text}] is not a domain of letters, digits, hyphens and dots", ExitCode.Usage);
        return LocalZone.ReasonAgainst(name) is { } reason ? throw new CliException(reason, ExitCode.Usage) : text.TrimEnd('.').ToLowerInvariant();
    }

    private static string Host(string text) => IsPlain(text) && DomainName.TryParse(text, out _)
        ? text.ToLowerInvariant()
        : throw new CliException($"Option [--host]: [{text}] is not a host name of letters, digits, hyphens and dots", ExitCode.Usage);

    // It becomes part of files and of a line of PowerShell.
    private static bool IsPlain(string text) => text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.');

    private static string[] Sites(SecurelyConfiguration? configuration, List<string> domains) => configuration is null
        ? []
        : [.. configuration.Proxy.Sites.SelectMany(site => site.Hosts).Where(host => IsPlain(host) && domains.Exists(domain => host.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase)))];

    private async Task<bool> RunAsync(IReadOnlyList<string> command, bool isDry, bool isMachine, CancellationToken cancellationToken)
    {
        var text = string.Join(' ', command.Select(Quoted));
        output.WriteLine((isDry || !isMachine ? "To run: " : "Run: ") + output.Paint.Name(text));
        if (isDry || !isMachine || await ExternalCommand.RunAsync(command, environment, cancellationToken) is not { } problem)
            return true;
        output.Fail($"[{text}] failed: {problem}. The files are in place; when it has run, the change counts");
        return false;
    }

    private static string Quoted(string argument) => argument.AsSpan().IndexOfAny(" ;'|$") < 0 ? argument : $"\"{argument}\"";

    private void Show(SystemTree tree, FileChange change, bool isDry)
    {
        var verb = (change.Before.Exists, change.After.Exists) switch { (false, _) => "make", (_, false) => "remove", _ => "change" };
        output.WriteLine($"{(isDry ? "To " + verb : char.ToUpper(verb[0], CultureInfo.InvariantCulture) + verb[1..])}: {output.Paint.Name(tree.Locate(change.Path))}");
        var (before, after) = (Lines(change.Before), Lines(change.After));
        var start = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
        var end = before.Skip(start).Reverse().Zip(after.Skip(start).Reverse()).TakeWhile(pair => pair.First == pair.Second).Count();
        foreach (var old in before[start..^end])
            output.WriteLine("  - " + LogText.Escape(old));
        foreach (var now in after[start..^end])
            output.WriteLine("  + " + LogText.Escape(now));
    }

    private static string[] Lines(FileState state) => state.Link is { } link ? [$"(a link to {link})"] : state.Text is { Length: > 0 } text ? text.TrimEnd('\n').Split('\n') : [];
}
