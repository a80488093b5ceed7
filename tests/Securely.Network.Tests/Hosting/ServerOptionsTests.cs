using System.Net;
using Securely.Config;
using Securely.Hosting;

namespace Securely.Network.Tests.Hosting;

public sealed class ServerOptionsTests
{
    private static readonly HashSet<string> Handled = ["listeners", "upstreams", "sites", "forwarded", "data_dir"];

    private static string Golden
    {
        get
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);
            while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Securely.slnx")))
                directory = directory.Parent;
            Assert.NotNull(directory);
            return Path.Combine(directory.FullName, "tests", "data", "conf", "server");
        }
    }

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Golden, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Says_what_is_wrong_and_where(string name)
    {
        var diagnostics = new ConfigDiagnostics();
        var root = YamlReader.ReadFile(Path.Combine(Golden, name + ".yaml"));
        ServerOptionsReader.Read(root, diagnostics, Handled);

        var said = diagnostics.ToString().Replace(Golden + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(Path.Combine(Golden, name + ".expected")), said + "\n");
    }

    [Fact]
    public void Reads_every_key_that_is_effective()
    {
        var options = Read(File.ReadAllText(Path.Combine(Golden, "all-effective.yaml")), Path.Combine(Golden, "x.yaml"));

        Assert.Equal((1, 3, false, 2), (options.Version, options.Threads, options.WorkStealing, options.ListenerTasksPerFd));
        Assert.Equal([IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2")], options.ClientBindToIpv4);
        Assert.Equal([IPAddress.Parse("2001:db8::1")], options.ClientBindToIpv6);
        Assert.Equal((0, 4), (options.UpstreamKeepalivePoolSize, options.MaxRetries));
        Assert.Equal((30, 0), (options.GracePeriodSeconds, options.GracefulShutdownTimeoutSeconds));
        Assert.Equal(Path.Combine(Golden, "logs", "error.log"), options.ErrorLog);
        Assert.Empty(options.Extra.Entries);
        options.Validate();
    }

    [Fact]
    public void Has_the_documented_defaults()
    {
        var options = Read("", "x");

        Assert.Equal((1, Environment.ProcessorCount, true, 1), (options.Version, options.Threads, options.WorkStealing, options.ListenerTasksPerFd));
        Assert.Equal((128, 16, 300, 5), (options.UpstreamKeepalivePoolSize, options.MaxRetries, options.GracePeriodSeconds, options.GracefulShutdownTimeoutSeconds));
        Assert.Null(options.PidFile);
        Assert.Null(options.UpgradeSock);
        Assert.Null(options.ErrorLog);
        Assert.Empty(options.ClientBindToIpv4);
        Assert.Equal((5, 600, 60), (options.UpgradeSockConnectAcceptMaxRetries, options.DaemonReadyTimeoutSeconds, options.DaemonNotifyTimeoutSeconds));
        options.Validate();
    }

    [Fact]
    public void Keeps_the_users_own_keys_with_their_places()
    {
        var options = Read("threads: 1\nmy_program:\n  colour: red\n", "x.yaml");

        Assert.True(options.Extra.TryGetEntry("my_program", out var own));
        Assert.Equal("x.yaml:2:1", own.KeyOrigin.ToString());
        Assert.Equal("red", own.Value["colour"]!.Text);
        Assert.Equal("x.yaml:3:11", own.Value["colour"]!.Origin.ToString());
        Assert.Single(options.Extra.Entries);
    }

    [Fact]
    public void A_section_becomes_available_when_somebody_reads_it()
    {
        var diagnostics = new ConfigDiagnostics();
        ServerOptionsReader.Read(YamlReader.Read("dns: {}\n", "x"), diagnostics, new HashSet<string> { "dns" });

        Assert.Empty(diagnostics.Items);
    }

    [Theory]
    [InlineData("threads")]
    [InlineData("max_retries")]
    [InlineData("grace_period_seconds")]
    public void Code_is_held_to_the_same_ranges(string key)
    {
        var options = key switch
        {
            "threads" => new ServerOptions { Threads = 0 },
            "max_retries" => new ServerOptions { MaxRetries = 0 },
            _ => new ServerOptions { GracePeriodSeconds = -1 },
        };

        var error = Assert.Throws<ArgumentException>(() => new Server(options));
        Assert.StartsWith($"[{key}] must be between", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_cannot_set_what_is_not_available_yet()
    {
        var error = Assert.Throws<NotSupportedException>(() => new Server(new ServerOptions { Daemon = true }));

        Assert.Equal("[daemon] is not available yet", error.Message);
    }

    [Fact]
    public void Code_cannot_bind_to_an_address_of_the_other_family() =>
        Assert.Throws<ArgumentException>(() => new Server(new ServerOptions { ClientBindToIpv4 = [IPAddress.IPv6Loopback] }));

    private static ServerOptions Read(string yaml, string file)
    {
        var diagnostics = new ConfigDiagnostics();
        var options = ServerOptionsReader.Read(YamlReader.Read(yaml, file), diagnostics, Handled);
        Assert.Empty(diagnostics.Items);
        return options;
    }
}
