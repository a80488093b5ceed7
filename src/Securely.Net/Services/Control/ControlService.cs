using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Securely.Net;

/// <summary>
/// Lets the user who runs a server, and root, ask it things over a Unix socket: a caller names a command, and the command's answers are sent as
/// they come. Callers are programs such as <see cref="ControlClient"/>.
/// </summary>
/// <remarks>
/// It uses the framework's own sockets and the thread pool, and no worker: while nobody calls it costs nothing, and a command that takes long
/// holds up no connection of another service. Services that depend on it start after it and end before it, so that it can be asked how far
/// they are; let all others depend on it. Make and run it once. Its messages are described on <c>ControlFrame</c>.
/// </remarks>
/// <example><!-- given: using Securely.Net; using Securely.Hosting; Server server = new(); IControlCommand status = null!; IService site = null!; --><code>
/// var control = server.Add(new ControlService(new ControlServiceOptions { Path = "/run/app/control.sock" }, status));
/// server.Add(site, control);
/// </code></example>
public sealed partial class ControlService : IService
{
    /// <summary>The code of the error that callers get whose command the end of the server has cut short.</summary>
    public const string EndingCode = "ending";

    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AcceptPause = TimeSpan.FromSeconds(1);

    private readonly ControlServiceOptions _options;
    private readonly Dictionary<string, IControlCommand> _commands = new(StringComparer.Ordinal);

    // Under the gate: the accepting loop adds, and a session takes itself out when it ends.
    private readonly HashSet<Task> _sessions = [];
    private readonly Lock _gate = new();
    private volatile bool _isListening;

    /// <summary>Makes the service.</summary>
    /// <param name="options">Where it listens, and its limits.</param>
    /// <param name="commands">What can be asked.</param>
    /// <exception cref="ArgumentException">Two commands have one name, or an option is out of its range.</exception>
    public ControlService(ControlServiceOptions options, params IEnumerable<IControlCommand> commands)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(commands);
        ArgumentException.ThrowIfNullOrEmpty(options.Path);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxConnections, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Deadline, TimeSpan.Zero);
        _options = options;
        foreach (var command in commands)
        {
            if (!_commands.TryAdd(command.Name, command))
                throw new ArgumentException($"Command [{command.Name}] is given twice; a name has one command", nameof(commands));
        }
    }

    /// <inheritdoc/>
    public string Name => "control";

    /// <summary>One worker, which is not even started.</summary>
    public int? Threads => 1;

    /// <summary>Whether it listens: false before it is ready and after its end, and when it does without its socket.</summary>
    public bool IsListening => _isListening;

    /// <inheritdoc/>
    public async Task RunAsync(ServiceContext context, CancellationToken shutdown)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var socket = await ClaimAsync(context, shutdown).ConfigureAwait(false);
        _isListening = socket is not null;
        context.MarkReady();
        try
        {
            if (socket is null)
                await Task.Delay(Timeout.InfiniteTimeSpan, context.Time, shutdown).ConfigureAwait(false);
            else
                await AcceptAsync(socket.Socket, context, shutdown).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (shutdown.IsCancellationRequested)
        {
            // Callers are told, and the rest ends below.
        }

        _isListening = false;
        socket?.Dispose();
        await SessionsAsync().WaitAsync(EndPatience, context.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<ControlSocket?> ClaimAsync(ServiceContext context, CancellationToken shutdown)
    {
        try
        {
            return await ControlSocket.ClaimAsync(_options.Path, context.Time, shutdown).ConfigureAwait(false);
        }
        catch (NetException error) when (!_options.IsRequired)
        {
            LogWithoutSocket(context.Logger, error.Message);
            return null;
        }
    }

    private async Task AcceptAsync(Socket listener, ServiceContext context, CancellationToken shutdown)
    {
        while (true)
        {
            Socket accepted;
            try
            {
                accepted = await listener.AcceptAsync(shutdown).ConfigureAwait(false);
            }
            catch (SocketException error)
            {
                LogAcceptFailed(context.Logger, error.SocketErrorCode);
                await Task.Delay(AcceptPause, context.Time, shutdown).ConfigureAwait(false);
                continue;
            }

            var session = new ControlSession(accepted, _commands, _options.Deadline, context.Time, context.Logger);
            Follow(Count() < _options.MaxConnections
                ? session.RunAsync(shutdown)
                : session.RefuseAsync("busy", string.Create(null, $"The server has [{_options.MaxConnections}] callers already; call again later")));
        }
    }

    private int Count()
    {
        lock (_gate)
            return _sessions.Count;
    }

    private Task SessionsAsync()
    {
        lock (_gate)
            return Task.WhenAll(_sessions);
    }

    private void Follow(Task session)
    {
        if (session.IsCompleted)
            return;
        lock (_gate)
            _sessions.Add(session);
        _ = session.ContinueWith(
            static (ended, self) => ((ControlService)self!).Forget(ended), this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Forget(Task session)
    {
        lock (_gate)
            _sessions.Remove(session);
    }

    [LoggerMessage(1020, LogLevel.Warning, "{Reason}; the server runs without, so nobody can ask for its status")]
    private static partial void LogWithoutSocket(ILogger logger, string reason);

    [LoggerMessage(1022, LogLevel.Error, "The control socket cannot accept ({Error}); trying again in one second")]
    private static partial void LogAcceptFailed(ILogger logger, SocketError error);
}
