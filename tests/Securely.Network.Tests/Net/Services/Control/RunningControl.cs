using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net;

/// <summary>A control service on a socket in a directory of its own.</summary>
internal sealed class RunningControl : IAsyncDisposable
{
    private readonly CancellationTokenSource _shutdown = new();
    private readonly TemporaryDirectory _directory = new();
    private readonly ListenSockets _sockets = new();
    private readonly WorkerGroup _workers = new("control", 1);
    private readonly Task _running;

    private RunningControl(Func<string, ControlServiceOptions>? options, TimeProvider time, IControlCommand[] commands)
    {
        Path = _directory.File("control.sock");
        var marked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var context = new ServiceContext(_workers, _sockets, Log, time, TimeSpan.FromSeconds(10), () => marked.TrySetResult());
        Service = new ControlService(options?.Invoke(Path) ?? new ControlServiceOptions { Path = Path }, commands);
        _running = Service.RunAsync(context, _shutdown.Token);
        Ready = Task.WhenAny(marked.Task, _running).Unwrap();
    }

    internal string Path { get; }

    internal ControlService Service { get; }

    internal EntryLog Log { get; } = new();

    private Task Ready { get; }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _workers.DisposeAsync();
        _sockets.Dispose();
        _shutdown.Dispose();
        _directory.Dispose();
    }

    internal static Task<RunningControl> StartAsync(params IControlCommand[] commands) => StartAsync(null, null, commands);

    internal static async Task<RunningControl> StartAsync(Func<string, ControlServiceOptions>? options, TimeProvider? time, params IControlCommand[] commands)
    {
        var control = new RunningControl(options, time ?? TimeProvider.System, commands);
        await control.Ready.WaitAsync(TestWorkers.Patience);
        return control;
    }

    internal ControlClient Client() => new(Path);

    internal async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path));
        return socket;
    }

    internal Task StopAsync() => StopAsync(out _);

    /// <summary>A message as it stands on the wire.</summary>
    internal static byte[] Frame(string json)
    {
        var body = Encoding.UTF8.GetBytes(json);
        var frame = new byte[4 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, body.Length);
        body.CopyTo(frame, 4);
        return frame;
    }

    /// <summary>All that the server says until it closes, without the lengths.</summary>
    internal static async Task<string[]> ReadToEndAsync(Socket socket)
    {
        var all = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            for (int read; (read = await socket.ReceiveAsync(buffer).WaitAsync(TestWorkers.Patience)) > 0;)
                all.Write(buffer, 0, read);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            // The server closed without having read all.
        }

        var messages = new List<string>();
        for (var rest = all.ToArray().AsMemory(); rest.Length > 0;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(rest.Span);
            messages.Add(Encoding.UTF8.GetString(rest.Span.Slice(4, length)));
            rest = rest[(4 + length)..];
        }

        return [.. messages];
    }

    /// <summary>Sends bytes and reads all answers.</summary>
    internal async Task<string[]> ExchangeAsync(params byte[] bytes)
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(bytes);
        return await ReadToEndAsync(socket);
    }

    private Task StopAsync(out CancellationTokenSource shutdown)
    {
        shutdown = _shutdown;
        shutdown.Cancel();
        return _running.WaitAsync(TestWorkers.Patience);
    }
}
