using System.Buffers.Binary;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>Failures of an HTTP/1 upstream as an HTTP/2 client sees them, over cleartext with prior knowledge; frames are written out (RFC 9113 section 4.1).</summary>
public sealed class ProxyEndToEndHttp2Tests
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte ResetStream = 3;
    private const byte EndStream = 1;

    private static readonly byte[] Request =
    [
        .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8,
        0, 0, 0, 4, 0, 0, 0, 0, 0, // SETTINGS, empty
        0, 0, 13, 1, 5, 0, 0, 0, 1, // HEADERS, 13 bytes, END_STREAM and END_HEADERS, stream 1
        0x82, 0x86, 0x84, 0x41, 8, .. "app.test"u8, // :method GET, :scheme http, :path /, :authority app.test
    ];

    [Fact]
    [Trait("Case", "21")]
    public async Task Error_before_headers_sent_is_502_and_ends_the_stream()
    {
        await using var origin = TestOrigin.Start(async connection => await connection.ReadHeadAsync());
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync(Request);
        var frames = await ReadStreamAsync(client);

        Assert.Equal(Headers, frames[0].Type);
        // "502" as it stands, or in HPACK's Huffman code.
        Assert.True(frames[0].Payload.AsSpan().IndexOf("502"u8) >= 0 || frames[0].Payload.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x6c, 0x02]) >= 0);
        Assert.Equal(EndStream, frames[^1].Flags & EndStream);
        Assert.All(frames.Where(frame => frame.Type == Data), frame => Assert.Empty(frame.Payload));
    }

    [Fact]
    [Trait("Case", "22")]
    public async Task Error_after_headers_sent_rst_received()
    {
        var phases = new PhaseBarrier();
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nAAAAA");
            await phases.WaitAsync("data read");
            connection.Reset();
        });
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync(Request);
        var frames = await ReadStreamAsync(client, frame => frame.Type == Data && frame.Payload.Length > 0, () => phases.Signal("data read"));

        Assert.Equal("AAAAA"u8, frames.Where(frame => frame.Type == Data).SelectMany(frame => frame.Payload).ToArray());
        Assert.Equal(ResetStream, frames[^1].Type);
        Assert.All(frames.SkipLast(1), frame => Assert.Equal(0, frame.Flags & EndStream));
    }

    /// <summary>Reads the frames of stream 1 until one ends it; frames of the connection are passed over.</summary>
    private static async Task<List<Frame>> ReadStreamAsync(RawClient client, Func<Frame, bool>? awaited = null, Action? seen = null)
    {
        var frames = new List<Frame>();
        while (true)
        {
            var head = await client.ReadExactAsync(9);
            var frame = new Frame(head[3], head[4], await client.ReadExactAsync((head[0] << 16) | (head[1] << 8) | head[2]));
            if (BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) != 1)
                continue;
            frames.Add(frame);
            if (awaited?.Invoke(frame) == true)
                seen?.Invoke();
            if (frame.Type == ResetStream || (frame.Type is Data or Headers && (frame.Flags & EndStream) != 0))
                return frames;
        }
    }

    private sealed record Frame(byte Type, byte Flags, byte[] Payload);
}
