using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Securely.Net;

/// <summary>
/// One caller. Life: 1. its request is read, within the deadline; 2. it is accepted or refused; 3. the command's answers are sent as they come,
/// each within the deadline, until the command ends, the caller goes, or the server ends; 4. the end is said and the connection closed.
/// </summary>
internal sealed partial class ControlSession(
    Socket socket, IReadOnlyDictionary<string, IControlCommand> commands, TimeSpan deadline, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan RefusalPatience = TimeSpan.FromSeconds(1);

    private readonly byte[] _unexpected = new byte[1];
    private bool _isLost;

    /// <summary>Serves the caller; never fails.</summary>
    internal async Task RunAsync(CancellationToken shutdown)
    {
        try
        {
            if (await ServeAsync(shutdown).ConfigureAwait(false) is var (code, message))
                await WriteErrorAsync(code, message, deadline).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The caller has gone, or takes nothing: there is nobody to tell. What the command did wrong has been logged.
        }
        finally
        {
            socket.Dispose();
        }
    }

    /// <summary>Says why the caller is not served, and ends.</summary>
    internal async Task RefuseAsync(string code, string message)
    {
        try
        {
            await WriteErrorAsync(code, message, RefusalPatience).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // It did not wait for the answer.
        }
        finally
        {
            socket.Dispose();
        }
    }

    /// <returns>The error that is the last answer; null when all is said.</returns>
    private async Task<(string Code, string Message)?> ServeAsync(CancellationToken shutdown)
    {
        JsonDocument? document;
        try
        {
            document = await ReadRequestAsync(shutdown).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return shutdown.IsCancellationRequested ? Ending() : ("timed_out", $"No request came within {deadline.TotalSeconds:0.#} s");
        }
        catch (ControlFrameException error)
        {
            return (error.Code, error.Message);
        }

        if (document is null)
            return null;
        using (document)
            return await AnswerAsync(document.RootElement, shutdown).ConfigureAwait(false);
    }

    private async Task<JsonDocument?> ReadRequestAsync(CancellationToken shutdown)
    {
        using var limit = new CancellationTokenSource(deadline, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, shutdown);
        return await ControlFrame.ReadAsync(socket, linked.Token).ConfigureAwait(false);
    }

    private async Task<(string Code, string Message)?> AnswerAsync(JsonElement envelope, CancellationToken shutdown)
    {
        if (ControlFrame.VersionOf(envelope) != ControlFrame.Version)
            return ("version", string.Create(null, $"This server speaks version [{ControlFrame.Version}] of the control protocol; call it with the program of its own version"));
        if (ControlFrame.TextOf(envelope, "command") is not { } name)
            return ("malformed", "A request names its command, as in [\"command\": \"status\"]");
        if (!commands.TryGetValue(name, out var command))
            return ("unknown_command", $"Command [{name}] is not known to this server; it knows [{string.Join("], [", commands.Keys.Order(StringComparer.Ordinal))}]");
        using var nothing = JsonDocument.Parse("{}");
        if (!envelope.TryGetProperty("request", out var request))
            request = nothing.RootElement;
        else if (request.ValueKind != JsonValueKind.Object)
            return ("malformed", "The [request] of a request is an object");
        return await StreamAsync(command, request, shutdown).ConfigureAwait(false);
    }

    private async Task<(string Code, string Message)?> StreamAsync(IControlCommand command, JsonElement request, CancellationToken shutdown)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(shutdown);
        var watching = WatchAsync(gone);
        try
        {
            await WriteAsync("accepted", null, deadline).ConfigureAwait(false);
            await foreach (var item in command.RunAsync(request, gone.Token).WithCancellation(gone.Token).ConfigureAwait(false))
                await WriteAsync("item", item, deadline).ConfigureAwait(false);
            await WriteAsync("end", null, deadline).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
            return Ending();
        }
        catch (ControlCommandException error)
        {
            return (error.Code, error.Message);
        }
        catch (ControlFrameException error)
        {
            return (error.Code, error.Message);
        }
        catch (Exception error) when (!_isLost && !gone.IsCancellationRequested)
        {
            LogCommandFailed(logger, error, command.Name);
            return ("failed", $"Command [{command.Name}] failed: {error.Message}");
        }
        finally
        {
            // What nobody waits for any more must not outlive the token source.
            await gone.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
        }
    }

    /// <summary>A caller that closes, or that says more, does not want the rest.</summary>
    private async Task WatchAsync(CancellationTokenSource gone)
    {
        try
        {
            await socket.ReceiveAsync(_unexpected, SocketFlags.None, gone.Token).ConfigureAwait(false);
            await gone.CancelAsync().ConfigureAwait(false);
        }
        catch (SocketException)
        {
            await gone.CancelAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The answer is complete.
        }
    }

    private Task WriteAsync(string answer, JsonElement? item, TimeSpan patience) => WriteAsync(
        json =>
        {
            json.WriteString("answer", answer);
            if (item is not { } value)
                return;
            json.WritePropertyName("item");
            value.WriteTo(json);
        },
        patience);

    private Task WriteErrorAsync(string code, string message, TimeSpan patience) => WriteAsync(
        json =>
        {
            json.WriteString("answer", "error");
            json.WriteString("code", code);
            json.WriteString("message", message);
        },
        patience);

    /// <summary>Not cancelled with the shutdown: what is said last is that the server ends.</summary>
    private async Task WriteAsync(Action<Utf8JsonWriter> members, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience, time);
        try
        {
            await ControlFrame.WriteAsync(socket, members, limit.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not ControlFrameException)
        {
            _isLost = true;
            throw;
        }
    }

    private static (string Code, string Message) Ending() => (ControlService.EndingCode, "The server ends");

    [LoggerMessage(1021, LogLevel.Error, "Control command [{Command}] failed")]
    private static partial void LogCommandFailed(ILogger logger, Exception error, string command);
}
