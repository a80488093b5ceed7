using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Securely.Testing;

/// <summary>An HTTP origin in the test's own process, over plain sockets: each connection runs a script that the test writes.</summary>
/// <remarks>
/// Thread-safe. A script that throws fails the test when the origin is disposed, unless the exception is an <see cref="IOException"/>
/// (the other side went away) or the origin was being disposed. A connection is closed in order when its script returns.
/// </remarks>
/// <example><code>
/// await using var origin = TestOrigin.Start(async connection =>
/// {
///     await connection.ReadHeadAsync();
///     await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
/// });
/// </code></example>
public sealed class TestOrigin : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly Func<TestOriginConnection, Task>[] _scripts;
    private readonly ConcurrentQueue<TestOriginConnection> _connections = new();
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();
    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly PhaseBarrier _seen = new(Deadline.Transfer);
    private readonly TemporaryDirectory? _directory;
    private readonly Task _accepting;
    private readonly List<Task> _running = [];
    private readonly CancellationTokenSource _stopped = new();
    private volatile bool _disposing;

    private TestOrigin(EndPoint endPoint, TemporaryDirectory? directory, Func<TestOriginConnection, Task>[] scripts)
    {
        _scripts = scripts;
        _directory = directory;
        _listener = new Socket(endPoint.AddressFamily, SocketType.Stream, directory is null ? ProtocolType.Tcp : ProtocolType.Unspecified);
        _listener.Bind(endPoint);
        _listener.Listen(512);
        EndPoint = _listener.LocalEndPoint!;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>Where it listens, as a server is written in configuration: <c>127.0.0.1:PORT</c> or <c>unix:/path</c>.</summary>
    public string Address => EndPoint is UnixDomainSocketEndPoint ? $"unix:{EndPoint}" : EndPoint.ToString()!;

    /// <summary>The connections accepted so far, in order, closed ones included.</summary>
    public IReadOnlyList<TestOriginConnection> Connections => [.. _connections];

    /// <summary>How many connections were accepted so far.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>The addresses that connections came from, in order.</summary>
    public IReadOnlyList<EndPoint> RemoteEndPoints => [.. _connections.Select(connection => connection.RemoteEndPoint)];

    /// <summary>The requests whose head was read so far, in order.</summary>
    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    /// <summary>What scripts threw.</summary>
    public IReadOnlyList<Exception> Failures => [.. _failures];

    /// <summary>Listens on a free port of 127.0.0.1.</summary>
    /// <param name="scripts">The n-th connection runs the n-th script; the last one serves all that come after.</param>
    public static TestOrigin Start(params Func<TestOriginConnection, Task>[] scripts) => StartAt(new IPEndPoint(IPAddress.Loopback, 0), scripts);

    /// <summary>Listens on a given TCP address, to come back where an origin was before.</summary>
    /// <param name="endPoint">The address; port 0 is a free one.</param>
    /// <param name="scripts">The n-th connection runs the n-th script; the last one serves all that come after.</param>
    public static TestOrigin StartAt(IPEndPoint endPoint, params Func<TestOriginConnection, Task>[] scripts) =>
        scripts.Length > 0 ? new(endPoint, null, scripts) : throw new ArgumentException("An origin needs a script, such as OriginScripts.Ok()", nameof(scripts));

    /// <summary>Listens on a Unix socket in a temporary directory.</summary>
    /// <param name="scripts">The n-th connection runs the n-th script; the last one serves all that come after.</param>
    public static TestOrigin StartUnix(params Func<TestOriginConnection, Task>[] scripts)
    {
        if (scripts.Length == 0)
            throw new ArgumentException("An origin needs a script, such as OriginScripts.Ok()", nameof(scripts));
        var directory = new TemporaryDirectory();
        return new TestOrigin(new UnixDomainSocketEndPoint(directory.File("origin.sock")), directory, scripts);
    }

    /// <summary>Waits until <paramref name="count"/> connections have been accepted since the start.</summary>
    public Task WaitForConnectionsAsync(int count) => _seen.WaitAsync("connection", count);

    /// <summary>Waits until <paramref name="count"/> requests have been read since the start.</summary>
    public Task WaitForRequestsAsync(int count) => _seen.WaitAsync("request", count);

    /// <summary>Stops accepting; further connections are refused, open ones stay.</summary>
    public void StopListening()
    {
        _stopped.Cancel();
        _listener.Dispose();
    }

    /// <summary>Closes everything and throws what a script threw.</summary>
    /// <exception cref="AggregateException">Scripts failed.</exception>
    public async ValueTask DisposeAsync()
    {
        _disposing = true;
        StopListening();
        await _accepting;
        foreach (var connection in _connections)
            await connection.DisposeAsync();
        await Deadline.AwaitAsync(Task.WhenAll(_running), Deadline.Transfer, () => string.Create(CultureInfo.InvariantCulture, $"the scripts of {_running.Count} connections to end"));
        _directory?.Dispose();
        if (!_failures.IsEmpty)
            throw new AggregateException($"Origin [{Address}]: a script failed", _failures);
    }

    internal RecordedRequest Record(TestOriginConnection connection, string head)
    {
        var request = new RecordedRequest(connection.Index, connection.RemoteEndPoint, head);
        _requests.Enqueue(request);
        _seen.Signal("request");
        return request;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_stopped.Token);
                var connection = new TestOriginConnection(this, socket, _connections.Count);
                _connections.Enqueue(connection);
                _running.Add(RunScriptAsync(connection));
                _seen.Signal("connection");
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // StopListening or DisposeAsync has closed the listener.
        }
    }

    private async Task RunScriptAsync(TestOriginConnection connection)
    {
        await Task.Yield();
        try
        {
            await _scripts[Math.Min(connection.Index, _scripts.Length - 1)](connection);
            connection.Close();
        }
        catch (Exception error)
        {
            if (!_disposing && error is not IOException)
                _failures.Enqueue(error);
            connection.Close();
        }
    }
}
