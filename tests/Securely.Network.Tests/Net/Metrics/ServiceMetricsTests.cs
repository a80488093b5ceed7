using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Network.Tests.Net.Tls;

namespace Securely.Network.Tests.Net.Metrics;

public sealed class ServiceMetricsTests
{
    private readonly MetricsRegistry _registry = new();

    [Fact]
    public async Task Counts_connections_and_shows_how_busy_workers_are()
    {
        await using (var host = await RunningHttp.StartAsync(Service(), threads: 2, metrics: _registry))
        {
            await using var first = await host.ConnectAsync();
            await using var second = await host.ConnectAsync();
            await first.ExchangeAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            await second.ExchangeAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            var lines = Lines();
            Assert.Contains("securely_connections_accepted_total{service=\"test\"} 2", lines);
            Assert.Contains("securely_connections_open{service=\"test\"} 2", lines);
            Assert.Contains("securely_worker_connections{service=\"test\",worker=\"0\"} 1", lines);
            Assert.Contains("securely_worker_connections{service=\"test\",worker=\"1\"} 1", lines);
            Assert.Contains(lines, line => line.StartsWith("securely_worker_load_ratio{service=\"test\",worker=\"1\"} ", StringComparison.Ordinal));
            // Without TLS there is nothing to say about handshakes.
            Assert.DoesNotContain(lines, line => line.StartsWith("securely_tls", StringComparison.Ordinal));
        }

        var busy = (CounterFamily)_registry.Find("securely_worker_busy_seconds_total")!;
        Assert.Equal(2, busy.Series.Count);
        Assert.All(busy.Series, series => Assert.True(((Counter)series).Value > 0));
        Assert.True(((Histogram)_registry.Find("securely_worker_turn_duration_seconds")!.Series[0]).Count > 2);
        // Figures of the moment end with the service; sums stay.
        var after = Lines();
        Assert.DoesNotContain(after, line => line.StartsWith("securely_connections_open", StringComparison.Ordinal));
        Assert.DoesNotContain(after, line => line.StartsWith("securely_worker_load", StringComparison.Ordinal));
        Assert.Contains("securely_connections_accepted_total{service=\"test\"} 2", after);
    }

    [Fact]
    public async Task Counts_what_the_filter_refuses()
    {
        await using (var host = await RunningHttp.StartAsync(Service(new Nobody()), metrics: _registry))
        {
            await using var client = await host.ConnectAsync();
            await client.WaitForCloseAsync();
        }

        Assert.Contains("securely_connections_filtered_total{service=\"test\"} 1", Lines());
    }

    [Fact]
    public async Task Counts_handshakes_by_their_result()
    {
        using var stage = new TlsStage();
        var service = Service();
        service.AddTls("127.0.0.1:0", new ServerTls(new CertificateStore(stage.Certificate("app.test"))));
        await using (var host = await RunningHttp.StartAsync(service, listens: true, metrics: _registry))
        {
            using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
            {
                await socket.ConnectAsync(host.EndPoints[0], TestContext.Current.CancellationToken);
                await using var stream = new NetworkStream(socket);
                await using var tls = new SslStream(stream, false, (_, certificate, _, _) => certificate is not null);
                await tls.AuthenticateAsClientAsync("app.test");
                await tls.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
                Assert.True(await tls.ReadAsync(new byte[100], TestContext.Current.CancellationToken) > 0);
            }

            await using var plain = await host.ConnectAsync();
            await plain.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            await plain.ReadToEndAsync();
        }

        Assert.Contains("securely_tls_handshakes_total{service=\"test\",result=\"ok\"} 1", Lines());
        Assert.Contains("securely_tls_handshakes_total{service=\"test\",result=\"failed\"} 1", Lines());
    }

    [Fact]
    public void The_process_shows_itself_by_the_usual_names()
    {
        ProcessMetrics.Add(_registry);
        ProcessMetrics.Add(_registry);
        var values = Lines().Where(line => line[0] != '#').ToDictionary(line => line[..line.LastIndexOf(' ')], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], null));
        Assert.True(values["process_cpu_seconds_total"] > 0);
        Assert.True(values["process_resident_memory_bytes"] > 1_000_000);
        Assert.True(values["process_virtual_memory_bytes"] > values["process_resident_memory_bytes"]);
        Assert.InRange(values["process_open_fds"], 3, values["process_max_fds"]);
        Assert.InRange(values["process_start_time_seconds"], 1_600_000_000, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        Assert.True(values["dotnet_gc_heap_allocated_bytes_total"] > 0);
        GC.Collect();
        Assert.True(GC.CollectionCount(2) >= values["dotnet_gc_collections_total{gc_heap_generation=\"gen2\"}"]);
    }

    [Fact]
    public void Open_descriptors_are_counted_as_they_come()
    {
        ProcessMetrics.Add(_registry);
        var sockets = Enumerable.Range(0, 100).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        var open = Read();
        sockets.ForEach(socket => socket.Dispose());
        // Other tests open and close theirs meanwhile, but not that many.
        Assert.InRange(open - Read(), 50, 150);

        double Read() => double.Parse(Lines().Single(line => line.StartsWith("process_open_fds ", StringComparison.Ordinal)).Split(' ')[1], null);
    }

    private static HttpService Service(IConnectionFilter? filter = null) => new("test", new Handler(session => session.RespondAsync(204)), new HttpServiceOptions { Filter = filter });

    private string[] Lines()
    {
        var output = new ArrayBufferWriter<byte>();
        _registry.Write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private sealed class Nobody : IConnectionFilter
    {
        public ValueTask<bool> ShouldAcceptAsync(System.Net.EndPoint? remote, CancellationToken cancellationToken) => new(false);
    }
}
