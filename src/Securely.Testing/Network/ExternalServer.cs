using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Xunit;

namespace Securely.Testing;

/// <summary>A real server program that runs in a temporary directory on a free port of 127.0.0.1 until disposed.</summary>
public sealed class ExternalServer : IAsyncDisposable
{
    /// <summary>How often a start is tried again because another program took the free port.</summary>
    private const int Attempts = 3;

    private readonly TemporaryDirectory _directory;
    private readonly RunningProcess _process;

    private ExternalServer(TemporaryDirectory directory, RunningProcess process, int port)
    {
        _directory = directory;
        _process = process;
        EndPoint = new IPEndPoint(IPAddress.Loopback, port);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Where it listens, as a server is written in configuration: <c>127.0.0.1:PORT</c>.</summary>
    public string Address => EndPoint.ToString();

    /// <summary>Its own directory.</summary>
    public string Directory => _directory.Path;

    /// <summary>The process, for its output and for signals.</summary>
    public RunningProcess Process => _process;

    /// <summary>Writes the configuration, starts the program and waits until it accepts connections.</summary>
    /// <exception cref="FileNotFoundException">The program is not installed.</exception>
    /// <exception cref="InvalidOperationException">It ended at once; the message has its output.</exception>
    /// <exception cref="TimeoutException">It does not accept within 30 s.</exception>
    public static async Task<ExternalServer> StartAsync(ExternalProgram program)
    {
        var path = program.Find();
        for (var attempt = 1; ; attempt++)
        {
            var server = Launch(program, path);
            try
            {
                await server.WaitUntilAcceptsAsync(program.Name);
                return server;
            }
            catch (InvalidOperationException) when (attempt < Attempts)
            {
                await server.DisposeAsync();
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Ends the program with SIGTERM, or by force when it does not obey, and removes its directory.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_process.HasExited)
                _process.Signal(PosixSignal.SIGTERM);
            await _process.WaitForExitAsync(Deadline.Transfer);
        }
        catch (Exception error) when (error is InvalidOperationException or TimeoutException)
        {
            // It has ended meanwhile, or does not obey; disposing the process settles both.
        }
        await _process.DisposeAsync();
        _directory.Dispose();
    }

    private static ExternalServer Launch(ExternalProgram program, string path)
    {
        var directory = new TemporaryDirectory();
        var site = new ExternalServerSite(directory.Path, FreePort(), directory.File(program.Name + ".conf"));
        File.WriteAllText(site.ConfigurationFile, program.Configuration(site));
        var process = RunningProcess.Launch(path, program.Arguments(site), "", directory.Path, new Dictionary<string, string?>(StringComparer.Ordinal));
        return new ExternalServer(directory, process, site.Port);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task WaitUntilAcceptsAsync(string name)
    {
        using var limit = new CancellationTokenSource(Deadline.Phase, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, TestContext.Current.CancellationToken);
        try
        {
            // A foreign program has no event to wait for: its port is the only thing that all of them have in common.
            using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            while (!await AcceptsAsync(either.Token))
            {
                if (_process.HasExited)
                    throw new InvalidOperationException($"Program [{name}] ended before it accepted connections: {_process.Output}{_process.Error}");
                await poll.WaitForNextTickAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException($"Waited {Deadline.Phase.TotalSeconds} s for [{name}] to accept on [{Address}]: {_process.Output}{_process.Error}");
        }
    }

    private async Task<bool> AcceptsAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(EndPoint, cancellationToken);
            // While nobody listens, the kernel may give this very port to the dialling side, which then reaches itself.
            return !EndPoint.Equals(socket.LocalEndPoint);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
