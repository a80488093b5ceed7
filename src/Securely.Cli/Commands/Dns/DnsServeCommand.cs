using System.CommandLine;
using Securely.Config;
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
            AllowMultipleArgumentsPerToken = true,
        };
        var zones = new Option<string[]>("--zone")
        {
            HelpName = "NAME=FILE",
            Description = "A zone and its file; may be repeated",
            AllowMultipleArgumentsPerToken = true,
        };
        var file = ConfigurationOption.Create();
        var socket = ControlCall.SocketOption("Make this Unix socket, for status, stop and dns:zones; none without it");
        var command = new DocumentedCommand("dns:serve", "Answer names from zone files, or from the section dns of a file")
        {
            Details = ["The first line of standard output is the address. Without -c, --listen and --zone are needed. With it the section dns of the file is served, and nothing else of it: securely serve does all of it."],
            Examples =
            [
                new("securely dns:serve --listen 127.0.0.1:5353 --zone example.test=example.test.zone", "Answer for one zone"),
                new("securely dns:serve --listen 127.0.0.1:5353 [::1]:5353 --zone a.test=a.zone b.test=b.zone", "Answer for two on two addresses"),
                new("securely dns:serve -c securely.yaml", "Answer as the section dns of a file says"),
            ],
        };
        command.Options.Add(file);
        command.Options.Add(listen);
        command.Options.Add(zones);
        command.Options.Add(socket);
        command.SetAction((result, cancellationToken) =>
            new ServerRun(output, environment).RunAsync(Choose(result.GetValue(file), result.GetValue(listen) ?? [], result.GetValue(zones) ?? [], result.GetValue(socket)), [], cancellationToken));
        return command;
    }

    private SecurelyConfiguration Choose(string? file, string[] listen, string[] zones, string? socket)
    {
        foreach (var (name, values) in (ReadOnlySpan<(string, string[])>)[("--listen", listen), ("--zone", zones)])
        {
            if (values.Length == 0 && file is null)
                throw new CliException($"Option [{name}] is required", ExitCode.Usage);
            if (values.Length > 0 && file is not null)
                throw new CliException($"Option [{name}] is in the file that [-c] names; leave one of them out", ExitCode.Usage);
            if (Array.Find(values, value => value.StartsWith('-')) is { } option)
                throw new CliException($"Option [{option}] is not defined", ExitCode.Usage);
        }

        return file is null ? Configure(listen, zones, socket) : ReadSection(environment.Resolve(file), socket);
    }

    /// <summary>The section of a file, with what the file says of the process around it.</summary>
    private SecurelyConfiguration ReadSection(string file, string? socket)
    {
        var configuration = ConfigurationFile.Load(file, output, environment);
        if (configuration.Dns is null)
        {
            var diagnostics = new ConfigDiagnostics();
            diagnostics.Error(new ConfigOrigin(file, 1, 1), $"[{DnsSection.Name}] is missing; it says what is answered, as in [dns: {{listen: 127.0.0.1:5353, zones: [...]}}]");
            throw new ConfigException(diagnostics);
        }

        return configuration with
        {
            Listeners = [],
            Proxy = new ProxyConfiguration(),
            Metrics = null,
            AccessLog = null,
            Traces = null,
            ControlSocket = socket is null ? configuration.ControlSocket : new ControlSocketOptions(environment.FullPath(socket), IsRequired: true),
        };
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
            ControlSocket = socket is null ? null : new ControlSocketOptions(environment.FullPath(socket), IsRequired: true),
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
