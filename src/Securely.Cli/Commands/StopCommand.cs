using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Securely.Net;

namespace Securely.Cli;

/// <summary><c>stop</c>: ends the running server, and waits until its process has gone.</summary>
internal sealed class StopCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private const double LongestWait = 30 * 24 * 3600;

    private readonly ControlCall _call = new(environment);

    public Command Build()
    {
        var fast = new Option<bool>("--fast") { Description = "Cut running requests off instead of letting them finish" };
        var wait = new Option<double?>("--wait")
        {
            HelpName = "SECONDS",
            Description = "Wait so long at most for the process to go, with 0 not at all; without this it waits as long as it takes",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new DocumentedCommand("stop", "Stop the running server")
        {
            Details =
            [
                "Running requests finish first, for at most the time of grace_period_seconds. A second call with --fast ends that. Progress goes to standard error.",
                ControlCall.Details,
                "The exit code is 1 when no server runs, and when it still runs after SECONDS.",
            ],
            Examples =
            [
                new("securely stop", "Stop the server of ./securely.yaml or /etc/securely/securely.yaml, and wait for it"),
                new("securely stop --wait 10 || securely stop --fast", "Give requests ten seconds"),
                new("securely stop -c securely.yaml --wait 0", "Tell it to stop and go on at once"),
            ],
        };
        ControlCall.Declare(command);
        command.Options.Add(fast);
        command.Options.Add(wait);
        command.SetAction((result, cancellationToken) => RunAsync(result, result.GetValue(fast), Patience(result.GetValue(wait)), cancellationToken));
        return command;
    }

    private static TimeSpan? Patience(double? seconds) => seconds switch
    {
        null => null,
        >= 0 and <= LongestWait => TimeSpan.FromSeconds(seconds.Value),
        _ => throw new CliException(
            string.Create(CultureInfo.InvariantCulture, $"Option [--wait]: [{seconds}] seconds are out of range; they are 0 to {LongestWait}"), ExitCode.Usage),
    };

    private async Task<int> RunAsync(ParseResult line, bool isFast, TimeSpan? patience, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Timeout.InfiniteTimeSpan, environment.Time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        StopProgress? last = null;
        try
        {
            var process = await FollowAsync(line, isFast, patience == TimeSpan.Zero, Note, waiting.Token);
            if (patience == TimeSpan.Zero)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The server of process {last!.ProcessId} stops"));
            else
                await EndOfAsync(process, last!.ProcessId, waiting.Token);
            return ExitCode.Ok;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && last is not null)
        {
            throw new CliException(string.Create(
                CultureInfo.InvariantCulture,
                $"The server of process {last.ProcessId} still runs after {patience!.Value.TotalSeconds} s, with {Connections(last)}; securely stop --fast cuts them off"));
        }

        // The answer has a limit of its own, and on a busy machine it takes its time: what the caller waits for begins with it.
        void Note(StopProgress progress)
        {
            if (last is null && patience > TimeSpan.Zero)
                limit.CancelAfter(patience.Value);
            last = progress;
        }
    }

    /// <summary>Asks, and shows how far the server is until it no longer says so.</summary>
    /// <returns>The server's process; null when it is gone already.</returns>
    private async Task<ProcessMark?> FollowAsync(ParseResult line, bool isFast, bool onlyAsks, Action<StopProgress> noted, CancellationToken cancellationToken)
    {
        ProcessMark? process = null;
        StopProgress? last = null;
        try
        {
            await foreach (var answer in _call.RunAsync(line, StopControlCommand.CommandName, request => WriteKind(request, isFast), cancellationToken))
            {
                var progress = answer.Deserialize(StopJson.Default.StopProgress)!;
                process ??= ProcessMark.Of(progress.ProcessId);
                noted(progress);
                if (onlyAsks)
                    break;
                if (progress.Connections != last?.Connections)
                    output.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The server of process {progress.ProcessId} stops, {Connections(progress)}"));
                last = progress;
            }
        }
        catch (ControlException error) when (error.Failure == ControlFailure.Broken || error.Code == ControlService.EndingCode)
        {
            // It has ended, which is what was asked for.
        }

        return process;
    }

    private async Task EndOfAsync(ProcessMark? process, int id, CancellationToken cancellationToken)
    {
        if (process is not null)
            await process.WaitForEndAsync(environment.Time, cancellationToken);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The server of process {id} has stopped"));
    }

    private static void WriteKind(Utf8JsonWriter request, bool isFast) =>
        request.WriteString(StopControlCommand.Kind, isFast ? StopControlCommand.Fast : StopControlCommand.Graceful);

    private static string Connections(StopProgress progress) =>
        string.Create(CultureInfo.InvariantCulture, $"{progress.Connections} {(progress.Connections == 1 ? "connection" : "connections")} open");
}
