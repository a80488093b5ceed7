using System.Text;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>Where one message of a connection ends and the next one begins, however long they are and however they arrive (case 43, rows A4, A13, A21).</summary>
public sealed class MessageStreamTests(AttackStage stage) : IClassFixture<AttackStage>
{
    private static readonly int[] _sizes = [0, 1, 7, 100, 1000, 4000, 4096, 4097, 8192, 16_000, 16_384, 16_385, 33_000, 60_000];

    [Theory]
    [Trait("Case", "43")]
    [Wire(1, OnlyWhole = true)]
    [Wire(2, OnlyWhole = true)]
    [Wire(3, OnlyWhole = true)]
    [Wire(4, OnlyWhole = true)]
    [Wire(5, OnlyWhole = true)]
    [Wire(6, OnlyWhole = true)]
    [Wire(7, OnlyWhole = true)]
    [Wire(8, OnlyWhole = true)]
    public async Task Requests_of_all_sizes_are_told_apart(Transport transport, Delivery delivery, int seed)
    {
        var random = new Random(seed);
        var (wire, bodies) = (new StringBuilder(), new List<string>());
        for (var number = 0; number < 12; number++)
        {
            bodies.Add(Body(random));
            wire.Append($"POST /{seed}/{number} HTTP/1.1\r\nHost: app.test\r\nX: {new string('x', Size(random))}\r\n").Append(Framed(random, bodies[^1]));
        }

        await using var client = await stage.ConnectAsync(transport);
        var sending = SendInPiecesAsync(client, wire.ToString(), random);
        for (var number = 0; number < bodies.Count; number++)
            Assert.Equal($"POST /{seed}/{number} {bodies[number]}", (await client.ReadResponseAsync()).BodyText);
        await sending;

        await stage.IsServedAsync();
    }

    [Theory]
    [Trait("Row", "A21")]
    [Wire(1, OnlyWhole = true)]
    [Wire(2, OnlyWhole = true)]
    [Wire(3, OnlyWhole = true)]
    [Wire(4, OnlyWhole = true)]
    [Wire(5, OnlyWhole = true)]
    [Wire(6, OnlyWhole = true)]
    [Wire(7, OnlyWhole = true)]
    [Wire(8, OnlyWhole = true)]
    public async Task Responses_of_all_sizes_are_told_apart(Transport transport, Delivery delivery, int seed)
    {
        var random = new Random(seed);
        await using var client = await stage.ConnectAsync(transport);
        for (var number = 0; number < 12; number++)
        {
            var body = Body(random);
            var hints = string.Concat(Enumerable.Repeat($"HTTP/1.1 103 Early Hints\r\nX: {new string('x', Size(random))}\r\n\r\n", random.Next(3)));
            var wire = $"{hints}HTTP/1.1 200 OK\r\nX: {new string('x', Size(random))}\r\n{Framed(random, body)}";
            var target = stage.Plan((connection, _) => SendInPiecesAsync(connection, wire, random));
            await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: app.test\r\n\r\n");
            RawResponse response;
            do
            {
                response = await client.ReadResponseAsync();
            }
            while (response.Status == 103);

            Assert.Equal((200, body), (response.Status, response.BodyText));
        }

        await stage.IsServedAsync();
    }

    [Theory]
    [Trait("Row", "A4")]
    [Wire("GET /last HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n")]
    [Wire("GET /last HTTP/1.1\r\nHost: app.test\r\nConnection: keep-alive, Close\r\n\r\n")]
    [Wire("GET /last HTTP/1.1\r\nHost: app.test\r\nConnection: keep-alive\r\nconnection: x,close\r\n\r\n")]
    [Wire("POST /last HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello")]
    [Wire("POST /last HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [Wire("GET /last HTTP/1.0\r\nHost: app.test\r\n\r\n")]
    [Wire("GET /last HTTP/1.0\r\nHost: app.test\r\nConnection: keep-alive, close\r\n\r\n")]
    public async Task Nothing_is_served_behind_the_last_request(Transport transport, Delivery delivery, string wire)
    {
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, wire + AttackStage.Smuggled, delivery);

        var response = await client.ReadResponseAsync();

        Assert.Equal((200, "close"), (response.Status, response.Header("Connection")));
        await client.WaitForCloseAsync();
        await stage.IsServedAsync();
    }

    [Theory]
    [Trait("Row", "A13")]
    [Wire("Content-Length: 10\r\n\r\nhello", false)]
    [Wire("Content-Length: 10\r\n\r\nhello", true)]
    [Wire("Content-Length: 43\r\n\r\n" + AttackStage.Smuggled, false)]
    [Wire("Transfer-Encoding: chunked\r\n\r\n5\r\nhello", false)]
    [Wire("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", true)]
    [Wire("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", false)]
    [Wire("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n", false)]
    [Wire("Transfer-Encoding: chunked\r\n\r\n2b\r\n" + AttackStage.Smuggled, true)]
    public async Task A_body_that_breaks_off_is_never_made_whole(Transport transport, Delivery delivery, string rest, bool isReset)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var target = stage.Plan(async (connection, _) =>
        {
            await connection.ReadToEndAsync();
            ended.TrySetResult();
        });
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, $"POST {target} HTTP/1.1\r\nHost: app.test\r\n{rest}", delivery);
        await stage.Origin.WaitForRequestsAsync(stage.Origin.Requests.Count(request => !request.Line.Contains(target, StringComparison.Ordinal)) + 1);
        if (isReset)
            client.Reset();
        else
            client.HalfClose();

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
        var attacked = stage.Request($"POST {target} ");
        Assert.DoesNotContain("\r\n0\r\n", stage.Received(attacked), StringComparison.Ordinal);
        Assert.NotEqual(attacked.Connection, await stage.IsServedAsync());
        if (!isReset)
            Assert.DoesNotContain("HTTP/1.1 200", (await client.ReadToEndAsync()).Text, StringComparison.Ordinal);
    }

    private static int Size(Random random) => _sizes[random.Next(_sizes.Length)];

    /// <summary>Requests and responses as far as they go, so that a border in the wrong place would be one.</summary>
    private static string Body(Random random)
    {
        const string text = AttackStage.Smuggled + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n0\r\n\r\n";
        var size = Size(random);
        return string.Concat(Enumerable.Repeat(text, (size / text.Length) + 1))[..size];
    }

    /// <summary>The last field, the empty line and the body, by length or in chunks of any size.</summary>
    private static string Framed(Random random, string body)
    {
        if (random.Next(2) == 0)
            return $"Content-Length: {body.Length}\r\n\r\n{body}";
        var chunks = new StringBuilder("Transfer-Encoding: chunked\r\n\r\n");
        for (var left = body; left.Length > 0;)
        {
            var size = Math.Clamp(Size(random), 1, left.Length);
            chunks.Append($"{size:x}{(random.Next(3) == 0 ? ";x=\"y z\"" : "")}\r\n").Append(left.AsSpan(0, size)).Append("\r\n");
            left = left[size..];
        }

        return chunks.Append(random.Next(3) == 0 ? "0\r\nX-Sum: 1\r\n\r\n" : "0\r\n\r\n").ToString();
    }

    private static async Task SendInPiecesAsync(RawConnection to, string wire, Random random)
    {
        // The test goes on to use the other one's numbers meanwhile.
        random = new Random(random.Next());
        for (var bytes = Encoding.Latin1.GetBytes(wire).AsMemory(); !bytes.IsEmpty;)
        {
            var size = Math.Clamp(Size(random), 1, bytes.Length);
            await to.SendAsync(bytes[..size]);
            bytes = bytes[size..];
        }
    }
}
