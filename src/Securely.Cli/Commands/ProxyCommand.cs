using System.CommandLine;
using Securely.Config;
using Securely.Hosting;
using Securely.Net;
using Securely.Proxy;

namespace Securely.Cli;

/// <summary><c>proxy</c>: a load balancer in one line, without a file.</summary>
internal sealed class ProxyCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private const string Upstream = "servers";

    public Command Build()
    {
        var from = new Option<string>("--from")
        {
            HelpName = "ADDRESS",
            Description = "Where to listen: IP:PORT, [IPv6]:PORT, *:PORT or unix:/path; port 0 takes a free one",
            Required = true,
        };
        var to = new Option<string[]>("--to")
        {
            HelpName = "ADDRESS",
            Description = "A server to forward to: IP:PORT, [IPv6]:PORT, HOST:PORT or unix:/path; may be repeated",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var socket = ControlCall.SocketOption("Make this Unix socket, for status and stop; none without it");
        var command = new DocumentedCommand("proxy", "Forward requests to one or more servers, without a configuration file")
        {
            Details = ["Several servers take turns. The first line of standard output is the address, as http://ADDRESS/."],
            Examples =
            [
                new("securely proxy --from 127.0.0.1:8080 --to 127.0.0.1:3000", "Put one server behind port 8080"),
                new("securely proxy --from 0.0.0.0:80 --to 10.0.0.1:3000 --to 10.0.0.2:3000", "Balance over two servers"),
                new("securely proxy --from *:8080 --to 127.0.0.1:3000 --control-socket proxy.sock", "Let securely status --control-socket proxy.sock ask it"),
            ],
        };
        command.Options.Add(from);
        command.Options.Add(to);
        command.Options.Add(socket);
        command.SetAction((result, cancellationToken) =>
            RunAsync(result.GetRequiredValue(from), result.GetRequiredValue(to), result.GetValue(socket), cancellationToken));
        return command;
    }

    private Task<int> RunAsync(string from, string[] to, string? socket, CancellationToken cancellationToken)
    {
        var configuration = Configure(from, to, socket);
        return new ServerRun(output, environment).RunAsync(configuration, [$"Forwarding to {string.Join(", ", to)}"], cancellationToken);
    }

    /// <summary>What a file with one listener, one upstream and one route for every host would say.</summary>
    /// <exception cref="CliException">An address is none; exit code 2.</exception>
    internal SecurelyConfiguration Configure(string from, string[] to, string? socket = null)
    {
        // An option takes all words behind it, and no server's name begins like this.
        if (Array.Find(to, server => server.StartsWith('-')) is { } option)
            throw new CliException($"Option [{option}] is not defined; this command reads no file, and takes servers behind [--to]", ExitCode.Usage);
        // Only its directory matters: a relative path of a Unix socket is relative to where the command is typed.
        var typed = new ConfigOrigin(Path.Combine(environment.CurrentDirectory, Upstream), 1, 1);
        var listener = new ListenerOptions(UnixAddress.Resolve(from, typed));
        if (!ListenAddress.TryParse(listener.Address, out _, out var error))
            throw new CliException($"Option [--from]: {error!.TrimEnd('.')}", ExitCode.Usage);
        var proxy = new ProxyConfiguration
        {
            Upstreams = [new UpstreamOptions { Name = Upstream, Servers = [.. to.Select(server => new BackendOptions(UnixAddress.Resolve(server, typed)))] }],
            Sites = [new SiteOptions { Hosts = ["*"], Routes = [new RouteOptions { Upstream = Upstream }] }],
        };
        if (RouteTable.Check(proxy) is [var problem, ..])
            throw new CliException($"Option [--to]: {problem.Message}", ExitCode.Usage);
        return new SecurelyConfiguration
        {
            Server = new ServerOptions(),
            Listeners = [listener],
            Proxy = proxy,
            DataDirectory = DataDirectory.Default(environment),
            ControlSocket = socket is null ? null : new ControlSocketOptions(environment.FullPath(socket), IsRequired: true),
        };
    }
}
