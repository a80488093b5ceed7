using System.Globalization;
using Microsoft.Extensions.Logging;
using Securely.Net;
using Securely.Network.Tests.Hosting;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Tls;

public sealed class CertificateReloaderTests : IDisposable
{
    private readonly TestCertificates _authority = new();
    private readonly RecordedLog _log = new();
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    private string CertificatePath => Path.Combine(_authority.Directory, "site.pem");

    private string KeyPath => Path.Combine(_authority.Directory, "site.key");

    public void Dispose() => _authority.Dispose();

    [Fact]
    public void Files_that_stay_are_left_alone()
    {
        Install(_authority.Issue("app.test"));
        var store = Load();
        var before = store.Certificates[0];

        new CertificateReloader([store]).Check(_log, _now);

        Assert.Same(before, store.Certificates[0]);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void A_new_pair_takes_the_place_of_the_old_one_among_others()
    {
        Install(_authority.Issue("app.test"));
        var other = _authority.Issue("other.test");
        var others = ServerCertificate.FromPem(other.CertificatePem, other.KeyPem);
        var store = new CertificateStore(others, Load().Certificates[0]);
        var next = _authority.Issue("app.test", "new.test");
        Install(next);

        new CertificateReloader([store]).Check(_log, _now);

        Assert.Same(others, store.Certificates[0]);
        Assert.Equal(next.Certificate.Thumbprint, store.Certificates[1].Context.TargetCertificate.Thumbprint);
        Assert.Equal(
            [string.Create(CultureInfo.InvariantCulture, $"Information: Certificate [{CertificatePath}] was read again; it is valid until {store.Certificates[1].NotAfter:yyyy-MM-dd HH:mm} UTC")],
            _log.Lines);
    }

    [Fact]
    public void Files_that_changed_before_the_service_ran_are_seen()
    {
        Install(_authority.Issue("app.test"));
        var store = Load();
        var next = _authority.Issue("app.test");
        Install(next);

        new CertificateReloader([store]).Check(_log, _now);

        Assert.Equal(next.Certificate.Thumbprint, store.Certificates[0].Context.TargetCertificate.Thumbprint);
    }

    [Fact]
    public void A_link_that_leads_elsewhere_is_a_change()
    {
        var (old, next) = (_authority.Issue("app.test"), _authority.Issue("app.test"));
        File.CreateSymbolicLink(CertificatePath, old.CertificatePath);
        File.CreateSymbolicLink(KeyPath, old.KeyPath);
        var store = Load();
        var reloader = new CertificateReloader([store]);
        File.Delete(CertificatePath);
        File.Delete(KeyPath);
        File.CreateSymbolicLink(CertificatePath, next.CertificatePath);
        File.CreateSymbolicLink(KeyPath, next.KeyPath);

        reloader.Check(_log, _now);

        Assert.Equal(next.Certificate.Thumbprint, store.Certificates[0].Context.TargetCertificate.Thumbprint);
    }

    [Fact]
    public void A_pair_that_cannot_be_used_is_refused_once_until_it_changes()
    {
        Install(_authority.Issue("app.test"));
        var store = Load();
        var before = store.Certificates[0];
        var next = _authority.Issue("app.test");
        var reloader = new CertificateReloader([store, new CertificateStore(before)]);

        // The certificate is written, and the key is not yet.
        File.WriteAllText(CertificatePath, next.CertificatePem);
        reloader.Check(_log, _now);
        reloader.Check(_log, _now);

        Assert.Same(before, store.Certificates[0]);
        Assert.Equal(
            [
                $"Error: Certificate [{CertificatePath}] has changed but cannot be used, so the old one stays: "
                + $"Key [{KeyPath}] does not belong to certificate [{CertificatePath}]; name the key that the certificate was issued for",
            ],
            _log.Lines);

        File.WriteAllText(KeyPath, next.KeyPem);
        reloader.Check(_log, _now);

        Assert.Equal(next.Certificate.Thumbprint, store.Certificates[0].Context.TargetCertificate.Thumbprint);
        Assert.Equal(3, _log.Lines.Count());
    }

    [Fact]
    public void A_file_that_is_gone_is_said_once_and_seen_when_it_is_back()
    {
        Install(_authority.Issue("app.test"));
        var store = Load();
        var before = store.Certificates[0];
        var reloader = new CertificateReloader([store]);
        var next = _authority.Issue("app.test");

        File.Delete(KeyPath);
        reloader.Check(_log, _now);
        reloader.Check(_log, _now);
        Assert.Same(before, store.Certificates[0]);
        Assert.EndsWith($"Key [{KeyPath}] does not exist; write the path of a PEM file", Assert.Single(_log.Lines), StringComparison.Ordinal);
        Install(next);
        reloader.Check(_log, _now);

        Assert.Equal(next.Certificate.Thumbprint, store.Certificates[0].Context.TargetCertificate.Thumbprint);
    }

    [Fact]
    public void An_end_that_comes_near_is_said_once()
    {
        Install(_authority.Issue("app.test"));
        var store = Load();
        var reloader = new CertificateReloader([store]);

        reloader.Check(_log, _now);
        Assert.Empty(_log.Lines);
        reloader.Check(_log, _now.AddDays(80));
        reloader.Check(_log, _now.AddDays(81));

        Assert.StartsWith($"Warning: Certificate [{CertificatePath}] expires on ", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Looks_every_ten_seconds_while_it_runs()
    {
        Install(_authority.Issue("app.test"));
        var store = Load();
        var time = new ManualTimeProvider(_now);
        await using var workers = new WorkerGroup("test", 1, new WorkerGroupOptions { Time = time });
        using var sockets = new ListenSockets();
        var ready = new TaskCompletionSource();
        using var stop = new CancellationTokenSource();
        var log = new AwaitedLog();
        var reloader = new CertificateReloader([store]);
        var running = reloader.RunAsync(new ServiceContext(workers, sockets, log, time, TimeSpan.Zero, ready.SetResult), stop.Token);
        await ready.Task.WaitAsync(TestWorkers.Patience);
        await time.WaitForTimersAsync();

        Install(_authority.Issue("app.test"));
        time.Advance(TimeSpan.FromMilliseconds(9_999));
        Assert.Empty(log.Lines);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.StartsWith($"Certificate [{CertificatePath}] was read again", await log.NextAsync(), StringComparison.Ordinal);
        await stop.CancelAsync();
        await running.WaitAsync(TestWorkers.Patience);

        Assert.Equal(("certificates", 1), (reloader.Name, reloader.Threads));
    }

    private void Install(TestCertificate made)
    {
        File.WriteAllText(CertificatePath, made.CertificatePem);
        File.WriteAllText(KeyPath, made.KeyPem);
    }

    private CertificateStore Load() => new(ServerCertificate.FromFiles(CertificatePath, KeyPath));

    private sealed class AwaitedLog : ILogger
    {
        private readonly System.Threading.Channels.Channel<string> _lines = System.Threading.Channels.Channel.CreateUnbounded<string>();
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _all = new();

        public IEnumerable<string> Lines => _all;

        public async Task<string> NextAsync() => await _lines.Reader.ReadAsync(CancellationToken.None).AsTask().WaitAsync(TestWorkers.Patience);

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            _all.Enqueue(formatter(state, exception));
            _lines.Writer.TryWrite(formatter(state, exception));
        }
    }
}
