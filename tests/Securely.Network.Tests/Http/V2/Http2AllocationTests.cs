using System.Diagnostics;
using Securely.Http;

namespace Securely.Network.Tests.Http.V2;

public sealed class Http2AllocationTests
{
    private const int Rounds = 200;
    private const int Streams = 10;

    [Fact]
    public async Task Serving_a_request_allocates_nothing()
    {
        var header = new ResponseHeader(200);
        header.Headers.Set(HeaderName.ContentLength, "2");
        header.Headers.Set(HeaderName.ContentType, "text/plain");
        var body = "ok"u8.ToArray();
        var (served, before, after) = (0, 0L, 0L);
        await using var host = await RunningHttp.StartAsync(async session =>
        {
            if (++served == Rounds * Streams)
                before = GC.GetAllocatedBytesForCurrentThread();
            else if (served == 2 * Rounds * Streams)
                after = GC.GetAllocatedBytesForCurrentThread();
            session.WriteHeader(header, isEnd: false);
            await session.WriteBodyAsync(body, true);
        });
        await using var client = await host.ConnectAsync();
        await client.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\0\x04\x01\0\0\0\0");
        await client.ReadExactAsync(39 + 13 + 9);
        var request = new List<byte>();
        for (var round = 0; round < 2 * Rounds; round++)
        {
            request.Clear();
            for (var stream = 0; stream < Streams; stream++)
                request.AddRange(Request((((round * Streams) + stream) * 2) + 1));
            await client.SendAsync(request.ToArray());
            // The first block fills the table; from then on HEADERS has 4 fields of one byte and DATA has 2.
            for (var stream = 0; stream < Streams; stream++)
                await ReadFramesAsync(client, 2);
        }

        Assert.Equal(2 * Rounds * Streams, served);
        // Without optimization every asynchronous call makes an object of its state.
        Assert.InRange((after - before) / (Rounds * Streams), 0, IsOptimized ? 0 : 400);
    }

    private static bool IsOptimized =>
        typeof(HttpService).Assembly.GetCustomAttributes(typeof(DebuggableAttribute), false) is not [DebuggableAttribute { IsJITOptimizerDisabled: true }];

    private static byte[] Request(int id) =>
        [0, 0, 8, 1, 5, (byte)(id >> 24), (byte)(id >> 16), (byte)(id >> 8), (byte)id, 0x82, 0x86, 0x84, 0x41, 3, (byte)'a', (byte)'.', (byte)'b'];

    private static async Task ReadFramesAsync(Testing.RawClient client, int count)
    {
        while (count-- > 0)
        {
            var header = FrameHeader.Read(await client.ReadExactAsync(FrameHeader.Size));
            await client.ReadExactAsync(header.Length);
        }
    }
}
