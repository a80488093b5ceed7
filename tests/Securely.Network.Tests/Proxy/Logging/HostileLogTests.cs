using System.Text.Json;
using System.Text.RegularExpressions;
using Securely.Net;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Logging;

/// <summary>Nothing a client sends can forge a line, or reach a terminal as anything but printable ASCII.</summary>
public sealed partial class HostileLogTests
{
    // Every byte in every place that a client can fill; those that the parser refuses get a line all the same.
    private static IEnumerable<string> Requests =>
        from value in Enumerable.Range(0, 256).Select(b => (char)b)
        from place in Enumerable.Range(0, 5)
        let hostile = $"a{value}[31m\"}}\\{value}{{\"status\":1}}\u00e2\u0080\u00ae\u00c2\u009b\u00ff{value}b"
        select place switch
        {
            0 => $"GET /app/{hostile} HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n",
            1 => $"GET /app?q={hostile} HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n",
            2 => $"GET /app HTTP/1.1\r\nHost: app.test\r\nUser-Agent: {hostile}\r\nReferer: {hostile}\r\nX-Own: {hostile}\r\nX-Forwarded-For: {hostile}\r\nConnection: close\r\n\r\n",
            3 => $"GET /app HTTP/1.1\r\nHost: {hostile}\r\nConnection: close\r\n\r\n",
            _ => $"{hostile} /app HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n",
        };

    [Theory]
    [InlineData(AccessLogFormat.Json)]
    [InlineData(AccessLogFormat.Combined)]
    public async Task Each_request_is_one_line_of_printable_ASCII(AccessLogFormat format)
    {
        await using var origin = TestOrigin.Start(OriginScripts.Raw("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Back: \u001b[31m\u00ff\"\r\n\r\n"));
        await using var proxy = await LoggedProxy.StartAsync(
            origin.Address,
            new AccessLogOptions
            {
                Path = "",
                Format = format,
                Fields = format == AccessLogFormat.Combined ? null : [.. AccessLog.DefaultFields, "header:X-Own", "header:X-Forwarded-For", "response_header:X-Back"],
                RedactedQuery = ["token"],
            },
            trusted: new TrustedProxies([System.Net.IPNetwork.Parse("127.0.0.0/8")]));
        var sent = 0;
        foreach (var request in Requests)
        {
            await using var client = await proxy.Host.ConnectAsync();
            await client.SendAsync(request);
            await client.ReadToEndAsync();
            sent++;
        }

        var lines = await proxy.EndAsync();
        // Where a line end cuts a request in two, the rest of its head is no second request: the connection is over.
        Assert.Equal(sent, lines.Length);
        Assert.All(lines, line => Assert.DoesNotContain(line, letter => letter is < ' ' or > '~'));
        Assert.All(lines, line => Check(line, format));
    }

    [Fact]
    public async Task The_error_log_says_the_request_harmlessly()
    {
        using var dead = DeadEndPoint.Refusing();
        await using var proxy = await LoggedProxy.StartAsync(dead.Address);
        foreach (var request in Requests.Where((_, i) => i % 7 == 0))
        {
            await using var client = await proxy.Host.ConnectAsync();
            await client.SendAsync(request);
            await client.ReadToEndAsync();
        }

        await proxy.EndAsync();
        var lines = proxy.Host.Log.Lines.ToArray();
        Assert.Contains(lines, line => line.Contains("failed: Upstream ConnectRefused", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Equal(line, LogText.Escape(line)));
        Assert.All(lines, line => Assert.DoesNotContain(line, char.IsControl));
    }

    [Theory]
    [InlineData("plain é text", "plain é text")]
    [InlineData("a\nb\r\u001b[2J\u007f\u009b", "a\\x0ab\\x0d\\x1b[2J\\x7f\\x9b")]
    [InlineData("\u202eevil\u2066\u2028\u200f\ufeff", "\\u202eevil\\u2066\\u2028\\u200f\\ufeff")]
    [InlineData("\U0001F600\U000E0041", "\U0001F600\\udb40\\udc41")]
    [InlineData("back\\slash", "back\\slash")]
    public void Text_for_a_log_has_nothing_that_moves_a_cursor(string text, string expected)
    {
        Assert.Equal(expected, LogText.Escape(text));
        Assert.Equal(expected, LogText.Escape(LogText.Escape(text)));
    }

    [Fact]
    public void Half_a_pair_of_surrogates_is_shown_as_what_it_is() => Assert.Equal("half \\ud83d and \\ude00", LogText.Escape("half \ud83d and \ude00"));

    [Fact]
    public void A_quotation_doubles_backslashes_and_ends()
    {
        Assert.Equal("a\\\\x1b\\x1b", LogText.Quote("a\\x1b\u001b"));
        Assert.Equal("aaaa...", LogText.Quote("aaaaaaa", 4));
        var same = "nothing to do";
        Assert.Same(same, LogText.Quote(same));
    }

    private static void Check(string line, AccessLogFormat format)
    {
        if (format == AccessLogFormat.Combined)
        {
            Assert.Matches(CombinedLine(), line);
            return;
        }

        using var parsed = JsonDocument.Parse(line);
        Assert.Equal(AccessLog.DefaultFields.Count + 3, parsed.RootElement.EnumerateObject().Count(property => property.Name != "cut"));
        Assert.InRange(parsed.RootElement.GetProperty("status").GetInt32(), 200, 502);
    }

    [GeneratedRegex("^[0-9a-f.:]+ - - \\[[^\\]]+\\] \"[^\"]*\" [0-9]{3} [0-9]+ \"[^\"]*\" \"[^\"]*\"$")]
    private static partial Regex CombinedLine();
}
