using System.Net;
using System.Text.Json;
using Securely.Net;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Logging;

public sealed class AccessLogTests
{
    private const string Get = "GET /app/x?a=b&token=1 HTTP/1.1\r\nHost: app.test\r\nUser-Agent: curl/8\r\nReferer: http://r.test/?token=2\r\n\r\n";

    [Fact]
    public async Task Writes_a_JSON_line_for_each_request()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok("hello"));
        await using var proxy = await LoggedProxy.StartAsync(origin.Address, new AccessLogOptions { Path = "", RedactedQuery = ["token"] }, new ManualTimeProvider());
        await proxy.SendAsync(Get);
        await proxy.SendAsync("POST /health HTTP/1.1\r\nHost: app.test\r\nContent-Length: 3\r\n\r\nabc");
        await proxy.SendAsync("GET / HTTP/1.0\r\nHost: other.test\r\n\r\n");

        Assert.Equal(
            [
                "{\"time\":\"2026-01-01T00:00:00.000Z\",\"client\":\"127.0.0.1\",\"method\":\"GET\",\"host\":\"app.test\",\"path\":\"/app/x\",\"query\":\"a=b&token=***\","
                + "\"protocol\":\"HTTP/1.1\",\"status\":200,\"bytes\":5,\"request_bytes\":0,\"duration\":0.000000,\"site\":\"app.test\",\"upstream\":\"app\","
                + $"\"upstream_address\":\"{origin.Address}\",\"upstream_status\":200,\"upstream_time\":null,\"tries\":1,\"referer\":\"http://r.test/?token=***\","
                + "\"user_agent\":\"curl/8\",\"error\":null}",
                "{\"time\":\"2026-01-01T00:00:00.000Z\",\"client\":\"127.0.0.1\",\"method\":\"POST\",\"host\":\"app.test\",\"path\":\"/health\",\"query\":null,"
                + "\"protocol\":\"HTTP/1.1\",\"status\":200,\"bytes\":2,\"request_bytes\":3,\"duration\":0.000000,\"site\":\"app.test\",\"upstream\":null,"
                + "\"upstream_address\":null,\"upstream_status\":null,\"upstream_time\":null,\"tries\":0,\"referer\":null,\"user_agent\":null,\"error\":null}",
                "{\"time\":\"2026-01-01T00:00:00.000Z\",\"client\":\"127.0.0.1\",\"method\":\"GET\",\"host\":\"other.test\",\"path\":\"/\",\"query\":null,"
                + "\"protocol\":\"HTTP/1.0\",\"status\":404,\"bytes\":0,\"request_bytes\":0,\"duration\":0.000000,\"site\":null,\"upstream\":null,"
                + "\"upstream_address\":null,\"upstream_status\":null,\"upstream_time\":null,\"tries\":0,\"referer\":null,\"user_agent\":null,\"error\":null}",
            ],
            await proxy.EndAsync());
        Assert.Equal(3, proxy.Log.Lines);
    }

    [Fact]
    public async Task Writes_the_combined_format()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok("hello"));
        await using var proxy = await LoggedProxy.StartAsync(
            origin.Address, new AccessLogOptions { Path = "", Format = AccessLogFormat.Combined, RedactedQuery = ["token"], RedactedHeaders = ["User-Agent"] }, new ManualTimeProvider());
        await proxy.SendAsync(Get);
        await proxy.SendAsync("GET /health HTTP/1.1\r\nHost: app.test\r\n\r\n");
        await using (var client = await RawClient.ConnectAsync(proxy.Host.EndPoints[1]))
            await client.ExchangeAsync("GET /health HTTP/1.1\r\nHost: app.test\r\nReferer: \"\\\r\n\r\n");
        await proxy.SendAsync("nonsense\r\n\r\n");

        Assert.Equal(
            [
                "127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] \"GET /app/x?a=b&token=*** HTTP/1.1\" 200 5 \"http://r.test/?token=***\" \"***\"",
                "127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] \"GET /health HTTP/1.1\" 200 2 \"-\" \"-\"",
                "- - - [01/Jan/2026:00:00:00 +0000] \"GET /health HTTP/1.1\" 200 2 \"\\x22\\x5c\" \"-\"",
                "127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] \"-\" 400 0 \"-\" \"-\"",
            ],
            await proxy.EndAsync());
    }

    [Fact]
    public async Task A_line_has_the_fields_that_were_chosen()
    {
        await using var origin = TestOrigin.StartUnix(OriginScripts.EachRequest((connection, _, _) => connection.SendAsync("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n")));
        await using var proxy = await LoggedProxy.StartAsync(
            origin.Address,
            new AccessLogOptions
            {
                Path = "",
                Fields = ["status", "header:Authorization", "header:X-Own", "response_header:Location", "route", "upstream_address", "reused", "header:Referer", "peer"],
                RedactedHeaders = ["authorization"],
                RedactedQuery = ["t"],
            },
            trusted: new TrustedProxies([IPNetwork.Parse("127.0.0.0/8")]));
        await proxy.SendAsync("GET /app HTTP/1.1\r\nHost: app.test\r\nAuthorization: Basic abc\r\nX-Own: é\r\nReferer: /?t=1\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n");

        var line = Assert.Single(await proxy.EndAsync());
        Assert.Equal(
            "{\"status\":302,\"header:Authorization\":\"***\",\"header:X-Own\":\"\\ufffd\",\"response_header:Location\":\"/x\",\"route\":\"sites[0].routes[1]\","
            + $"\"upstream_address\":\"{origin.EndPoint}\",\"reused\":false,\"header:Referer\":\"/?t=***\",\"peer\":\"127.0.0.1\"}}",
            line);
    }

    [Fact]
    public async Task The_client_is_the_one_behind_a_trusted_proxy()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var proxy = await LoggedProxy.StartAsync(
            origin.Address, new AccessLogOptions { Path = "", Fields = ["client"] }, trusted: new TrustedProxies([IPNetwork.Parse("127.0.0.0/8")], unix: true));
        await proxy.SendAsync("GET /app HTTP/1.1\r\nHost: app.test\r\nX-Forwarded-For: 6.6.6.6, 2001:db8::7, 127.0.0.5\r\n\r\n");
        await proxy.SendAsync("GET /app HTTP/1.1\r\nHost: app.test\r\n\r\n");
        await using (var client = await RawClient.ConnectAsync(proxy.Host.EndPoints[1]))
            await client.ExchangeAsync("GET /app HTTP/1.1\r\nHost: app.test\r\nX-Forwarded-For: 10.1.1.1\r\n\r\n");

        Assert.Equal(["{\"client\":\"2001:db8::7\"}", "{\"client\":\"127.0.0.1\"}", "{\"client\":\"10.1.1.1\"}"], await proxy.EndAsync());
    }

    [Fact]
    public async Task Failures_say_whose_fault_they_were()
    {
        using var dead = DeadEndPoint.Refusing();
        await using var proxy = await LoggedProxy.StartAsync(dead.Address, new AccessLogOptions { Path = "", Fields = ["status", "upstream_status", "tries", "error", "protocol", "method"] });
        Assert.Equal(502, (await proxy.SendAsync("GET /app HTTP/1.1\r\nHost: app.test\r\n\r\n")).Status);
        Assert.Equal(400, (await proxy.SendAsync("GET /\u0000 HTTP/1.1\r\nHost: app.test\r\n\r\n")).Status);

        Assert.Equal(
            [
                "{\"status\":502,\"upstream_status\":null,\"tries\":2,\"error\":\"upstream connect_refused\",\"protocol\":\"HTTP/1.1\",\"method\":\"GET\"}",
                "{\"status\":400,\"upstream_status\":null,\"tries\":0,\"error\":null,\"protocol\":null,\"method\":null}",
            ],
            await proxy.EndAsync());
    }

    [Fact]
    public async Task A_client_that_goes_away_is_logged_as_499()
    {
        var phases = new PhaseBarrier();
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            phases.Signal("asked");
            await connection.WaitForCloseAsync();
        });
        await using var proxy = await LoggedProxy.StartAsync(origin.Address, new AccessLogOptions { Path = "", Fields = ["status", "error"] });
        var client = await proxy.Host.ConnectAsync();
        await client.SendAsync("GET /app HTTP/1.1\r\nHost: app.test\r\n\r\n");
        await phases.WaitAsync("asked");
        client.Close();

        Assert.Equal(["{\"status\":499,\"error\":\"downstream connection_closed\"}"], await proxy.EndAsync());
    }

    [Fact]
    public async Task Nothing_is_lost_over_two_workers_and_a_sample_is_a_share()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var all = await LoggedProxy.StartAsync(origin.Address, threads: 2);
        await using var some = await LoggedProxy.StartAsync(origin.Address, new AccessLogOptions { Path = "", Sample = 0.25 }, threads: 2);
        await Task.WhenAll(Enumerable.Range(0, 4).SelectMany(_ => new[] { PlayAsync(all), PlayAsync(some) }));

        Assert.Equal(4000, (await all.EndAsync()).Length);
        Assert.InRange((await some.EndAsync()).Length, 850, 1150);
        Assert.Equal((0, 0), (all.Log.DroppedByQueue, all.Log.DroppedByWrite));
        Assert.Equal(4000, Value(all.Metrics, "securely_access_log_lines_total"));

        static async Task PlayAsync(LoggedProxy proxy)
        {
            await using var client = await proxy.Host.ConnectAsync();
            for (var i = 0; i < 1000; i++)
                await client.ExchangeAsync("GET /health HTTP/1.1\r\nHost: app.test\r\n\r\n");
        }
    }

    [Fact]
    public async Task What_is_too_long_is_cut_and_said_to_be()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var proxy = await LoggedProxy.StartAsync(origin.Address, new AccessLogOptions { Path = "", Fields = ["path", "header:A", "header:B", "header:C", "header:D", "user_agent", "status"] });
        var big = new string('x', 8000);
        await proxy.SendAsync($"GET /health HTTP/1.1\r\nHost: app.test\r\nA: {big}\r\nB: {big}\r\nC: {big}\r\nD: {big}\r\nUser-Agent: me\r\n\r\n");

        using var line = JsonDocument.Parse(Assert.Single(await proxy.EndAsync()));
        var root = line.RootElement;
        Assert.Equal("/health", root.GetProperty("path").GetString());
        Assert.Equal(4096, root.GetProperty("header:A").GetString()!.Length);
        Assert.True(root.GetProperty("cut").GetBoolean());
        // The record's own end: the numbers are there all the same.
        Assert.Equal(200, root.GetProperty("status").GetInt32());
    }

    [Theory]
    [InlineData("fields", "Field [stauts] is not known; did you mean [status]?")]
    [InlineData("twice", "Field [status] stands twice; take one out.")]
    [InlineData("combined", "Format [combined] has fields of its own; take the list out, or take format [json].")]
    [InlineData("sample", "Sample [0] is no share of requests; it is above 0 and at most 1.")]
    public void Says_which_option_cannot_be(string what, string expected)
    {
        var options = new AccessLogOptions { Path = "-" };
        var error = Assert.Throws<ArgumentException>(() => new AccessLog(what switch
        {
            "fields" => options with { Fields = ["stauts"] },
            "twice" => options with { Fields = ["status", "status"] },
            "combined" => options with { Fields = ["status"], Format = AccessLogFormat.Combined },
            _ => options with { Sample = 0 },
        }));
        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_opened_is_an_error_that_names_it()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("missing/access.log");
        Assert.Contains($"[{path}]", Assert.Throws<IOException>(() => new AccessLog(new AccessLogOptions { Path = path })).Message, StringComparison.Ordinal);
    }

    internal static double Value(MetricsRegistry registry, string name, string label = "")
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        registry.Write(output);
        var lines = System.Text.Encoding.UTF8.GetString(output.WrittenSpan).Split('\n');
        return double.Parse(lines.Single(line => line.StartsWith(name + label + " ", StringComparison.Ordinal)).Split(' ')[^1], null);
    }
}
