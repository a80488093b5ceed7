using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Securely.Log;
using Securely.Testing;

namespace Securely.Components.Tests.Log;

/// <summary>What arrives at the other end of a socket.</summary>
public sealed class LogTargetTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("securely-").FullName;

    private static string Expected => $"<11>1 2025-03-15T12:34:56.789000Z {Environment.MachineName} my_app {Environment.ProcessId} - - boom {{\"k\":1}}";

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Syslog_over_udp_is_a_datagram()
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await LogAsync("syslog", $"udp://{server.LocalEndPoint}");
        Assert.Equal(Expected, await ReadAsync(server));
    }

    [Fact]
    public async Task Syslog_over_a_unix_socket_is_a_datagram()
    {
        using var server = UnixServer(out var path);
        await LogAsync("syslog", $"unix:{path}");
        Assert.Equal(Expected, await ReadAsync(server));
    }

    [Fact]
    public async Task Syslog_over_tcp_has_the_length_first()
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server.Listen();
        await LogAsync("syslog", $"tcp://{server.LocalEndPoint}");
        using var connection = await server.AcceptAsync(TestContext.Current.CancellationToken);
        using var reader = new StreamReader(new NetworkStream(connection));
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{Expected.Length} {Expected}"), await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_journal_gets_fields_with_their_lengths()
    {
        using var server = UnixServer(out var path);
        await LogAsync("journald", $"unix:{path}");
        Assert.Equal("MESSAGE\n\f\0\0\0\0\0\0\0boom {\"k\":1}\nPRIORITY\n\u0001\0\0\0\0\0\0\03\nSYSLOG_IDENTIFIER\n\u0006\0\0\0\0\0\0\0my app\n", await ReadAsync(server));
    }

    [Fact]
    public async Task A_webhook_gets_json_lines()
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server.Listen();
        var answering = AnswerAsync(server);
        await LogAsync("webhook", $"http://{server.LocalEndPoint}/hook");

        var request = await answering;
        Assert.StartsWith("POST /hook HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/x-ndjson\r\n", request, StringComparison.Ordinal);
        Assert.EndsWith(
            "\r\n\r\n{\"message\":\"boom\",\"context\":{\"k\":1},\"level\":400,\"level_name\":\"ERROR\",\"channel\":\"my app\",\"datetime\":\"2025-03-15T12:34:56.789000+00:00\",\"extra\":{}}\n",
            request, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("syslog", "http://x")]
    [InlineData("syslog", "unix:")]
    [InlineData("webhook", "ftp://x")]
    [InlineData("webhook", null)]
    [InlineData("single", null)]
    [InlineData("carrier pigeon", null)]
    public async Task What_cannot_be_made_is_said_in_the_emergency_channel(string driver, string? url)
    {
        using var error = new StringWriter();
        await LogAsync(driver, url, error);
        Assert.Contains("securely.EMERGENCY: Unable to create configured logger. Using emergency logger.", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("securely.ERROR: boom {\"k\":1}", error.ToString(), StringComparison.Ordinal);
    }

    private static async Task LogAsync(string driver, string? url, StringWriter? error = null)
    {
        var channel = new LogChannelOptions { Driver = driver, Url = url, Name = "my app" };
        await using var log = new LogManager(new LogOptions
        {
            Default = "main",
            Channels = new Dictionary<string, LogChannelOptions>(StringComparer.Ordinal) { ["main"] = channel },
            StandardError = error ?? new StringWriter(),
            Time = new ManualTimeProvider(new DateTimeOffset(2025, 3, 15, 12, 34, 56, 789, TimeSpan.Zero)),
        });
        log.Channel().Error("boom", new KeyValuePair<string, object?>("k", 1));
    }

    private static async Task<string> ReadAsync(Socket server)
    {
        var buffer = new byte[4096];
        var length = await server.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static async Task<string> AnswerAsync(Socket server)
    {
        using var connection = await server.AcceptAsync(TestContext.Current.CancellationToken);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().EndsWith("}\n", StringComparison.Ordinal))
            text.Append(Encoding.UTF8.GetString(buffer, 0, await connection.ReceiveAsync(buffer, TestContext.Current.CancellationToken)));
        await connection.SendAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        return text.ToString();
    }

    private Socket UnixServer(out string path)
    {
        path = Path.Combine(_directory, "log.sock");
        var server = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        server.Bind(new UnixDomainSocketEndPoint(path));
        return server;
    }
}
