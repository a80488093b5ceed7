using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Securely.Net;

/// <summary>Asks a running server over its control socket. Safe to use from several threads; each request has a connection of its own.</summary>
/// <param name="path">The socket file.</param>
/// <param name="time">The clock of the deadlines; the system's when null.</param>
public sealed class ControlClient(string path, TimeProvider? time = null)
{
    private static readonly TimeSpan QueuePause = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>The socket file.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>How long the server may take to accept a request. Default: 10 s.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the server may take from one answer to the next. Default: 10 s; <see cref="Timeout.InfiniteTimeSpan"/> for commands that only
    /// answer when something happens.
    /// </summary>
    public TimeSpan AnswerDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Asks, and gives the answers as they come. Leaving the enumeration ends the request.</summary>
    /// <param name="command">The command's name.</param>
    /// <param name="request">What it is given: writes the members of an object. Nothing when null.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The answers; each is a copy that may be kept.</returns>
    /// <exception cref="ControlException">The server cannot be asked, or refused. It may come after some answers.</exception>
    public async IAsyncEnumerable<JsonElement> RunAsync(
        string command, Action<Utf8JsonWriter>? request = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        using var socket = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        await SendAsync(socket, command, request, cancellationToken).ConfigureAwait(false);
        var patience = Deadline;
        while (true)
        {
            using var answer = await ReadAsync(socket, patience, cancellationToken).ConfigureAwait(false);
            if (ControlFrame.VersionOf(answer.RootElement) != ControlFrame.Version)
                throw Failure(answer.RootElement);
            switch (ControlFrame.TextOf(answer.RootElement, "answer"))
            {
                case "accepted":
                    patience = AnswerDeadline;
                    break;
                case "item" when answer.RootElement.TryGetProperty("item", out var item):
                    yield return item.Clone();
                    break;
                case "end":
                    yield break;
                default:
                    throw Failure(answer.RootElement);
            }
        }
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var address = ControlAddress.Of(Path);
            return await WithinAsync(Deadline, async token =>
            {
                while (true)
                {
                    if (await TryConnectAsync(address, token).ConfigureAwait(false) is { } socket)
                        return socket;
                    await Task.Delay(QueuePause, _time, token).ConfigureAwait(false);
                }
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException error)
        {
            throw ControlProblem.OfConnect(Path, error);
        }
        catch (ArgumentException error)
        {
            throw new ControlException(ControlFailure.NoSocket, $"[{Path}] is too long for a control socket; choose a shorter path", cause: error);
        }
    }

    /// <returns>Null when the server's queue of callers is full.</returns>
    private static async Task<Socket?> TryConnectAsync(ControlAddress address, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(address.EndPoint, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.WouldBlock)
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task SendAsync(Socket socket, string command, Action<Utf8JsonWriter>? request, CancellationToken cancellationToken)
    {
        try
        {
            await WithinAsync(Deadline, async token =>
            {
                await ControlFrame.WriteAsync(socket, json => WriteRequest(json, command, request), token).ConfigureAwait(false);
                return true;
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            // A server that refuses everybody closes without reading; why stands in what it has sent.
        }
        catch (ControlFrameException error)
        {
            throw new ControlException(ControlFailure.Refused, error.Message, error.Code, error);
        }
    }

    private async Task<JsonDocument> ReadAsync(Socket socket, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await WithinAsync(patience, async token => await ControlFrame.ReadAsync(socket, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            return answer ?? throw ControlProblem.Gone(Path);
        }
        catch (SocketException error)
        {
            throw ControlProblem.Gone(Path, error);
        }
        catch (ControlFrameException error)
        {
            throw new ControlException(ControlFailure.Broken, $"What listens on [{Path}] does not speak the control protocol: {error.Message}", cause: error);
        }
    }

    private async Task<T> WithinAsync<T>(TimeSpan patience, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await work(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw ControlProblem.Hangs(Path, patience);
        }
    }

    private ControlException Failure(JsonElement answer)
    {
        if (ControlFrame.TextOf(answer, "answer") == "error" && ControlFrame.TextOf(answer, "code") is { } code)
        {
            var message = ControlFrame.TextOf(answer, "message") ?? code;
            return code == "version"
                ? new ControlException(ControlFailure.VersionMismatch, message)
                : new ControlException(ControlFailure.Refused, message, code);
        }

        var version = ControlFrame.VersionOf(answer);
        return version == ControlFrame.Version
            ? new ControlException(ControlFailure.Broken, $"What listens on [{Path}] sent an answer that is none")
            : new ControlException(
                ControlFailure.VersionMismatch,
                string.Create(null, $"The server on [{Path}] speaks version [{version}] of the control protocol, this program version [{ControlFrame.Version}]; use the program that the server runs"));
    }

    private static void WriteRequest(Utf8JsonWriter json, string command, Action<Utf8JsonWriter>? request)
    {
        json.WriteString("command", command);
        json.WriteStartObject("request");
        request?.Invoke(json);
        json.WriteEndObject();
    }
}
