using System.Net;
using System.Net.Sockets;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Listening;

/// <summary>A service that echoes bytes, but holds an h back until it is released, and takes what follows a b together with it.</summary>
internal sealed class LimitStage : IAsyncDisposable, IConnectionHandler
{
    private readonly PhaseBarrier _phases = new();
    private TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _held;
    private int _begun;

    private LimitStage(int maximum) => Limit = new ConnectionLimit(maximum);

    public ConnectionLimit Limit { get; }

    public EntryLog Log { get; } = new();

    public RunningService Host { get; private set; } = null!;

    public (int Count, long Refused, long Displaced) Figures => (Limit.Count, Limit.Refused, Limit.Displaced);

    public static async Task<LimitStage> StartAsync(int maximum, int threads = 1, TimeProvider? time = null)
    {
        var stage = new LimitStage(maximum);
        var service = new ListeningService("limited", stage, new ListeningServiceOptions { ConnectionLimit = stage.Limit });
        service.AddTcp("127.0.0.1:0");
        stage.Host = await RunningService.StartAsync(service, threads, time, stage.Log);
        return stage;
    }

    public async Task<Socket> ConnectAsync(int peer)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)peer]), 0));
        await socket.ConnectAsync((IPEndPoint)Host.Service.BoundEndPoints[0]);
        return socket;
    }

    /// <summary>Connects and waits until it is served and waits again.</summary>
    public async Task<Socket> EnterAsync(int peer)
    {
        var socket = await ConnectAsync(peer);
        await PingAsync(socket);
        await SettleAsync();
        return socket;
    }

    public async Task SettleAsync()
    {
        foreach (var worker in Host.Workers.Workers)
            await worker.RunAsync(() => default);
    }

    public async Task RefuseAsync(int peer)
    {
        using var refused = await ConnectAsync(peer);
        await AssertClosedAsync(refused);
    }

    public async Task HoldAsync(Socket client)
    {
        await client.SendAsync("h"u8.ToArray());
        await _phases.WaitAsync("held", ++_held);
    }

    public async Task BeginAsync(Socket client)
    {
        await client.SendAsync("b"u8.ToArray());
        await _phases.WaitAsync("begun", ++_begun);
    }

    public void Release() => Interlocked.Exchange(ref _released, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    public async Task WhenCountIsAsync(int count)
    {
        using var limit = new CancellationTokenSource(TestWorkers.Patience);
        while (Limit.Count != count)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Host.Workers.Workers[0].RunAsync(() => default);
        }
    }

    public async ValueTask HandleAsync(Connection connection, CancellationToken shutdown)
    {
        var buffer = new byte[16];
        while (await connection.WaitReadableAsync())
        {
            var count = await connection.ReadAsync(buffer);
            if (count == 0)
                return;
            if (buffer[0] == 'b')
            {
                connection.IsExpendable = true;
                var reading = connection.ReadAsync(buffer.AsMemory(count));
                _phases.Signal("begun");
                count += await reading;
                connection.IsExpendable = false;
            }
            else if (buffer[0] == 'h')
            {
                var released = _released.Task;
                _phases.Signal("held");
                await released;
            }

            await connection.WriteAsync(buffer.AsMemory(0, count));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Release();
        await Host.DisposeAsync();
    }

    internal static async Task PingAsync(params Socket[] clients)
    {
        foreach (var client in clients)
        {
            await client.SendAsync("x"u8.ToArray());
            await AssertReceivesAsync(client, "x");
        }
    }

    internal static async Task AssertReceivesAsync(Socket client, string expected)
    {
        var buffer = new byte[expected.Length];
        for (var count = 0; count < buffer.Length;)
        {
            var received = await client.ReceiveAsync(buffer.AsMemory(count)).AsTask().WaitAsync(TestWorkers.Patience);
            Assert.NotEqual(0, received);
            count += received;
        }

        Assert.Equal(expected, System.Text.Encoding.ASCII.GetString(buffer));
    }

    internal static async Task AssertClosedAsync(Socket client)
    {
        try
        {
            Assert.Equal(0, await client.ReceiveAsync(new byte[1]).WaitAsync(TestWorkers.Patience));
        }
        catch (SocketException)
        {
            // Bytes were on their way, so the kernel has made a reset of it.
        }
    }
}
