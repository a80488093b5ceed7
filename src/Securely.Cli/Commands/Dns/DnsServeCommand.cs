using System.CommandLine;
using Securely.Dns;
using Securely.Hosting;
using Securely.Net;
using Securely.Proxy;

namespace Securely.Cli;

/// <summary><c>dns:serve</c>: a name server in one line, without a configuration file.</summary>
internal sealed class DnsServeCommand(Output output, CliEnvironment environment) : ICliCommand
{
    public Command Build()
    {
        var listen = new Option<string[]>("--listen")
        {
            HelpName = "ADDRESS",
            Description = "Where to answer: IP:PORT, [IPv6]:PORT or *:PORT; port 0 takes a free one; may be repeated",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var zones = new Option<string[]>("--zone")
        {
            HelpName = "NAME=FILE",
            Description = "A zone and its file; may be repeated",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var socket = ControlCall.SocketOption("Make this Unix socket, for status, stop and dns:zones; none without it");
        var command = new DocumentedCommand("dns:serve", "Answer names from zone files, without a configuration file")
        {
            Details = ["The first line of standard output is the address. With a configuration file, securely serve answers the zones of its section dns."],
            Examples =
            [
                new("securely dns:serve --listen 127.0.0.1:5353 --zone example.test=example.test.zone", "Answer for one zone"),
                new("securely dns:serve --listen 127.0.0.1:5353 [::1]:5353 --zone a.test=a.zone b.test=b.zone", "Answer for two on two addresses"),
            ],
        };
        command.Options.Add(listen);
        command.Options.Add(zones);
        command.Options.Add(socket);
        command.SetAction((result, cancellationToken) =>
            new ServerRun(output, environment).RunAsync(Configure(result.GetRequiredValue(listen), result.GetRequiredValue(zones), result.GetValue(socket)), [], cancellationToken));
        return command;
    }

    /// <summary>What a file with nothing but the zones would say.</summary>
    /// <exception cref="CliException">An address or a zone is none; exit code 2.</exception>
    internal SecurelyConfiguration Configure(string[] listen, string[] zones, string? socket)
    {
        foreach (var address in listen)
        {
            if (!ListenAddress.TryParse(address, out _, out var error) || address.StartsWith(UnixAddress.Prefix, StringComparison.Ordinal))
                throw new CliException($"Option [--listen]: {error?.TrimEnd('.') ?? $"[{address}] is no address of the network"}", ExitCode.Usage);
        }

        return new SecurelyConfiguration
        {
            Server = new ServerOptions(),
            Listeners = [],
            Proxy = new ProxyConfiguration(),
            DataDirectory = DataDirectory.Default(environment),
            ControlSocket = socket is null ? null : new ControlSocketOptions(Path.GetFullPath(socket, environment.CurrentDirectory), IsRequired: true),
            Dns = new DnsOptions(listen, [.. zones.Select(ReadZone)], new DnsServerOptions()),
        };
    }

    private DnsZoneOptions ReadZone(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && DomainName.TryParse(text[..equals], out var name)
            ? new DnsZoneOptions(name, environment.Resolve(text[(equals + 1)..]))
            : throw new CliException($"Option [--zone]: [{text}] is not NAME=FILE, as in example.test=example.test.zone", ExitCode.Usage);
    }
}
