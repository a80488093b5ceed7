using System.CommandLine;
using System.Net;
using System.Text.Json;
using Securely.Dns;
using Securely.Dns.Records;

namespace Securely.Cli;

/// <summary><c>dns:query</c>: asks a name server.</summary>
internal sealed class DnsQueryCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private const string SystemServers = "/etc/resolv.conf";
    private readonly ControlCall _call = new(environment);
    private readonly Option<string?> _server = new("--server") { HelpName = "ADDRESS", Description = $"The name server: IP or IP:PORT; the first of {SystemServers} when not given" };
    private readonly Option<string?> _from = new("--from") { HelpName = "ADDRESS", Description = "With --trace: the client to answer for; 127.0.0.1 when not given" };
    private readonly Option<bool> _stream = new("--tcp") { Description = "Ask over TCP at once" };
    private readonly Option<bool> _proof = new("--dnssec") { Description = "Ask for signatures too" };
    private readonly Option<bool> _json = new("--json") { Description = "Write a JSON document instead" };
    private readonly Option<bool> _trace = new("--trace") { Description = "Ask our own running server over its control socket, and show what it decides on the way" };

    public Command Build()
    {
        var name = new Argument<string>("NAME") { Description = "The name to ask for" };
        var type = new Argument<string>("TYPE") { Description = "The record type, as in MX or TYPE65280", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "A" };
        var command = new DocumentedCommand("dns:query", "Ask a name server")
        {
            Details =
            [
                "Asks over UDP, and over TCP when the answer does not fit. The exit code is 0 for every answer, 1 when there is none.",
                "With --trace nothing goes over the network: " + ControlCall.Details,
            ],
            Examples =
            [
                new("securely dns:query www.example.test", "Ask for the IPv4 addresses of a name"),
                new("securely dns:query example.test MX --server 127.0.0.1:5353", "Ask a server of this machine"),
                new("securely dns:query example.test SOA --server 127.0.0.1:5353 --json", "The same for programs"),
                new("securely dns:query www.example.test --trace --from 192.0.2.1", "See why our server answers a client as it does"),
            ],
        };
        command.Arguments.Add(name);
        command.Arguments.Add(type);
        foreach (var option in (Option[])[_server, _stream, _proof, _json, _trace, _from])
            command.Options.Add(option);
        ControlCall.Declare(command);
        command.SetAction((line, cancellationToken) => line.GetValue(_trace)
            ? TraceAsync(line, line.GetRequiredValue(name), line.GetRequiredValue(type), cancellationToken)
            : AskAsync(line, line.GetRequiredValue(name), line.GetRequiredValue(type), cancellationToken));
        return command;
    }

    private Task<int> AskAsync(ParseResult line, string name, string type, CancellationToken cancellationToken)
    {
        if (line.GetValue(_from) is not null)
            throw new CliException("Option [--from] is for --trace; another server sees where a question comes from", ExitCode.Usage);
        var question = ReadQuestion(name, type);
        var client = new DnsClient(ReadServer(line.GetValue(_server)), environment.Time) { UsesStream = line.GetValue(_stream) };
        return RunAsync(client, question, line.GetValue(_proof), line.GetValue(_json), cancellationToken);
    }

    private static Question ReadQuestion(string name, string type) => ResourceRecord.TryParseType(type, out var known)
        ? new Question(ZoneArguments.Read(name), known)
        : throw new CliException($"[{type}] is not a record type", ExitCode.Usage);

    private async Task<int> TraceAsync(ParseResult line, string name, string type, CancellationToken cancellationToken)
    {
        if (line.GetValue(_server) is not null)
            throw new CliException("Option [--server]: --trace is what our own server says of itself; leave one of them out", ExitCode.Usage);
        var from = line.GetValue(_from);
        if (from is not null && !IPAddress.TryParse(from, out _))
            throw new CliException($"Option [--from]: [{from}] is not an IP address", ExitCode.Usage);
        var question = ReadQuestion(name, type);
        var request = new TraceRequest(question.Name.ToString(), ResourceRecord.TypeName(question.Type), from, line.GetValue(_stream), line.GetValue(_proof));
        var reply = await _call.AskAsync(line, DnsQueryControlCommand.CommandName, request.WriteTo, cancellationToken);
        var report = reply.Deserialize(DnsTraceJson.Default.DnsTraceReport)!;
        var answer = report.Answer is { } bytes && DnsMessage.TryDecode(bytes, out var message) ? message : null;
        if (line.GetValue(_json))
            JsonOutput.Write(output, writer => AnswerWriter.WriteJson(answer, writer, report.Steps));
        else
            AnswerWriter.WriteTrace(report.Steps, answer, output);
        return answer is null ? ExitCode.Failed : ExitCode.Ok;
    }

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
