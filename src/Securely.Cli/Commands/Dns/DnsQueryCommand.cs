using System.CommandLine;
using System.Net;
using Securely.Dns;
using Securely.Dns.Records;

namespace Securely.Cli;

/// <summary><c>dns:query</c>: asks a name server.</summary>
internal sealed class DnsQueryCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private const string SystemServers = "/etc/resolv.conf";

    public Command Build()
    {
        var name = new Argument<string>("NAME") { Description = "The name to ask for" };
        var type = new Argument<string>("TYPE") { Description = "The record type, as in MX or TYPE65280", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "A" };
        var server = new Option<string?>("--server") { HelpName = "ADDRESS", Description = $"The name server: IP or IP:PORT; the first of {SystemServers} when not given" };
        var stream = new Option<bool>("--tcp") { Description = "Ask over TCP at once" };
        var proof = new Option<bool>("--dnssec") { Description = "Ask for signatures too" };
        var json = new Option<bool>("--json") { Description = "Write a JSON document instead" };
        var command = new DocumentedCommand("dns:query", "Ask a name server")
        {
            Details = ["Asks over UDP, and over TCP when the answer does not fit. The exit code is 0 for every answer, 1 when there is none."],
            Examples =
            [
                new("securely dns:query www.example.test", "Ask for the IPv4 addresses of a name"),
                new("securely dns:query example.test MX --server 127.0.0.1:5353", "Ask a server of this machine"),
                new("securely dns:query example.test SOA --server 127.0.0.1:5353 --json", "The same for programs"),
            ],
        };
        command.Arguments.Add(name);
        command.Arguments.Add(type);
        command.Options.Add(server);
        command.Options.Add(stream);
        command.Options.Add(proof);
        command.Options.Add(json);
        command.SetAction((result, cancellationToken) =>
        {
            var question = ReadQuestion(result.GetRequiredValue(name), result.GetRequiredValue(type));
            var client = new DnsClient(ReadServer(result.GetValue(server)), environment.Time) { UsesStream = result.GetValue(stream) };
            return RunAsync(client, question, result.GetValue(proof), result.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static Question ReadQuestion(string name, string type) => ResourceRecord.TryParseType(type, out var known)
        ? new Question(ZoneArguments.Read(name), known)
        : throw new CliException($"[{type}] is not a record type", ExitCode.Usage);

    private static IPEndPoint ReadServer(string? text)
    {
        text ??= FirstOfSystem();
        if (IPAddress.TryParse(text, out var address))
            return new IPEndPoint(address, 53);
        return IPEndPoint.TryParse(text, out var server) && server.Port > 0
            ? server
            : throw new CliException($"Option [--server]: [{text}] is neither IP nor IP:PORT", ExitCode.Usage);
    }

    private static string FirstOfSystem()
    {
        var line = File.Exists(SystemServers)
            ? Array.Find(File.ReadAllLines(SystemServers), line => line.StartsWith("nameserver ", StringComparison.Ordinal))
            : null;
        return line?["nameserver ".Length..].Trim() ?? throw new CliException($"{SystemServers} names no server; name one with --server");
    }

    private async Task<int> RunAsync(DnsClient client, Question question, bool proof, bool json, CancellationToken cancellationToken)
    {
        try
        {
            var message = new DnsMessage { RecursionDesired = true, Questions = [question], Edns = new Edns { WantsProof = proof } };
            var answer = await client.AskAsync(message, cancellationToken);
            if (json)
                JsonOutput.Write(output, writer => AnswerWriter.WriteJson(answer, writer));
            else
                AnswerWriter.Write(answer, output);
            return ExitCode.Ok;
        }
        catch (Exception error) when (error is TimeoutException or IOException)
        {
            throw new CliException(error.Message.TrimEnd('.'));
        }
    }
}
