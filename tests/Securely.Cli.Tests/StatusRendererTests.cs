namespace Securely.Cli.Tests;

public sealed class StatusRendererTests
{
    [Fact]
    public void Aligns_the_figures_under_headings()
    {
        Assert.Equal(
            """
            Securely 1.2.3

            Server:
              Process        4242, running for 3m 12s
              Phase          shutdown grace period
              Configuration  /etc/securely/securely.yaml
              Connections    64
              Requests       1234567
              Last 10 s      10345.2 requests/s
              Last minute    9876.0 requests/s

            Listeners:                 connections
              http://127.0.0.1:8080/            60
              unix:/run/securely.sock            4

            Workers:    load  connections
              sites/0  100 %           60
              sites/1    3 %            4

            Upstreams:              weight  state
              app (round_robin)
                127.0.0.1:3000           1  ready
                unix:/run/app.sock   65535  ready
              gone (round_robin)
                no server                   no name resolves

            Pools:   idle  limit
              sites    12    256

            """,
            Render(Report()), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Leaves_out_what_a_server_does_not_have()
    {
        var text = Render(Report() with { Configuration = null, Upstreams = [] });

        Assert.DoesNotContain("Configuration", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Upstreams", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Pools", text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_name_moves_the_cursor()
    {
        var text = Render(Report() with { Upstreams = [new UpstreamReport { Name = "a\e[2Jb\nc", Balance = "round_robin", Servers = [] }] });

        Assert.Contains("  a.[2Jb.c (round_robin)\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', text);
    }

    [Theory]
    [InlineData(0.9, "0s")]
    [InlineData(59.99, "59s")]
    [InlineData(60, "1m 0s")]
    [InlineData(3600 + 61, "1h 1m")]
    [InlineData((2 * 86400) + 3600, "2d 1h")]
    public void A_duration_has_two_units(double seconds, string expected) => Assert.Equal(expected, StatusRenderer.Duration(seconds));

    private static string Render(StatusReport report)
    {
        using var text = new StringWriter { NewLine = "\n" };
        StatusRenderer.Write(new Output(text, TextWriter.Null), report);
        return text.ToString();
    }

    private static StatusReport Report() => new()
    {
        Version = "1.2.3",
        ProcessId = 4242,
        StartedAt = DateTimeOffset.UnixEpoch,
        UptimeSeconds = 192.7,
        Phase = "shutdown_grace_period",
        Configuration = "/etc/securely/securely.yaml",
        Requests = new RequestStatus { Total = 1234567, PerSecondOfTenSeconds = 10345.2, PerSecondOfOneMinute = 9876 },
        Connections = 64,
        Listeners =
        [
            new ListenerReport { Service = "sites", Address = "http://127.0.0.1:8080/", Connections = 60 },
            new ListenerReport { Service = "sites", Address = "unix:/run/securely.sock", Connections = 4 },
        ],
        Workers = [new WorkerReport { Name = "sites/0", Load = 1, Connections = 60 }, new WorkerReport { Name = "sites/1", Load = 0.034, Connections = 4 }],
        Upstreams =
        [
            new UpstreamReport
            {
                Name = "app",
                Balance = "round_robin",
                Servers =
                [
                    new UpstreamServerReport { Address = "127.0.0.1:3000", Weight = 1, State = "ready" },
                    new UpstreamServerReport { Address = "unix:/run/app.sock", Weight = 65535, State = "ready" },
                ],
            },
            new UpstreamReport { Name = "gone", Balance = "round_robin", Servers = [] },
        ],
        Pools = [new PoolReport { Name = "sites", Idle = 12, Limit = 256 }],
    };
}
