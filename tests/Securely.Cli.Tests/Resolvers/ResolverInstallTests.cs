using Securely.Testing;

namespace Securely.Cli.Tests.Resolvers;

/// <summary>Every row of spec/dns.md 5.2: what is written is in a golden file, and taking it back leaves what was there byte for byte.</summary>
public sealed class ResolverInstallTests
{
    private const string Networks = "/etc/NetworkManager/NetworkManager.conf 0644 [main]\\nplugins=keyfile\\ndns = dnsmasq\\n";
    private const string Plain = "/etc/resolv.conf 0640 # caf\u00e9, no line end below\\nnameserver 192.0.2.1\\nnameserver 192.0.2.2\\nsearch example.test";

    /// <summary>The name of the case, its tree, and its options.</summary>
    public static readonly TheoryData<string, string[], string[]> Machines = new()
    {
        { "resolved", ["/etc/resolv.conf -> ../run/systemd/resolve/stub-resolv.conf", "/run/systemd/resolve/stub-resolv.conf 0644 nameserver 127.0.0.53\\n"], ["--port", "5353"] },
        { "resolved-many", ["/etc/resolv.conf -> /run/systemd/resolve/stub-resolv.conf", "/etc/systemd/resolved.conf.d/"], ["--tld", "test", "lan", "com", "--ip", "::1", "--port", "5353"] },
        { "resolved-link", ["/etc/resolv.conf -> /run/systemd/resolve/resolv.conf"], ["--link", "veth0", "--port", "5353"] },
        { "networkmanager", [Networks, Plain], ["--port", "5353"] },
        { "networkmanager-part", ["/etc/NetworkManager/conf.d/dns.conf 0644 [main]\\ndns=dnsmasq\\n", "/etc/NetworkManager/dnsmasq.d/", Plain], ["--tld", "test", "lan", "--ip", "::1"] },
        { "resolvconf", ["/usr/sbin/resolvconf 0755 #!/bin/sh\\n", "/etc/resolvconf/resolv.conf.d/head 0644 # Kept first\\n", "/etc/resolv.conf -> /run/resolvconf/resolv.conf"], [] },
        { "resolvconf-empty", ["/sbin/resolvconf 0755 #!/bin/sh\\n", "/etc/resolvconf/"], [] },
        { "openresolv", ["/usr/sbin/resolvconf 0755 #!/bin/sh\\n", "/etc/resolvconf.conf 0644 resolv_conf=/etc/resolv.conf\\nname_servers=192.0.2.1", Plain], [] },
        { "file", [Plain], [] },
        { "file-only", [Plain, "/lib/ld-musl-x86_64.so.1 0755 x"], ["--only"] },
        { "file-musl", [Plain, "/lib/ld-musl-x86_64.so.1 0755 x"], [] },
        { "file-link", ["/etc/resolv.conf -> ../run/NetworkManager/resolv.conf", "/run/NetworkManager/resolv.conf 0644 nameserver 192.0.2.1\\n"], [] },
        { "file-missing", ["/etc/"], [] },
        { "macos", ["/System/Library/CoreServices/", "/etc/resolver/test 0644 nameserver 192.0.2.1\\n"], ["--tld", "test", "lan", "--port", "5353"] },
        { "windows", ["/Windows/System32/"], ["--tld", "test", "lan"] },
        { "hosts", [Networks, "/etc/hosts 0644 127.0.0.1 localhost\\n"], ["--manager", "hosts", "--host", "app.test", "api.test"] },
        { "hosts-windows", ["/Windows/System32/drivers/etc/hosts 0644 127.0.0.1 localhost\\r\\n"], ["--manager", "hosts", "--host", "app.test"] },
    };

    [Theory]
    [MemberData(nameof(Machines))]
    public async Task Writes_what_the_manager_reads_and_puts_it_back(string name, string[] entries, string[] options)
    {
        using var tree = new ResolverTree().Add(entries);
        var before = tree.Dump();

        var dry = await tree.RunAsync(["dns:install", "--dry-run", .. options]);
        Assert.Equal((before, ExitCode.Ok, ""), (tree.Dump(), dry.ExitCode, dry.Error));
        var run = await tree.RunAsync(["dns:install", .. options]);
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        var after = tree.Dump();
        Golden.Matches($"dns/resolvers/{name}.golden", Portable(tree, $"--- it would say\n{dry.Output}--- it says\n{run.Output}--- and there is\n{after}"));

        var again = await tree.RunAsync(["dns:install", .. options]);
        Assert.EndsWith("Nothing to change\n", again.Output, StringComparison.Ordinal);
        Assert.Equal(after, tree.Dump());
        await tree.RunAsync("dns:uninstall", "--dry-run");
        Assert.Equal(after, tree.Dump());
        var back = await tree.RunAsync("dns:uninstall");
        Assert.Equal((ExitCode.Ok, ""), (back.ExitCode, back.Error));
        Assert.Equal(before, tree.Dump());
        Assert.Equal("Nothing to change\n", (await tree.RunAsync("dns:uninstall")).Output);
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public async Task The_doctor_sees_that_the_files_are_there(string name, string[] entries, string[] options)
    {
        using var tree = new ResolverTree().Add(entries);
        await tree.RunAsync(["dns:install", .. options]);

        var run = await tree.RunAsync("dns:doctor");

        Assert.True(run.ExitCode == ExitCode.Ok, name + ": " + run.Output + run.Error);
        Assert.DoesNotContain("wrong", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public async Task Another_installation_replaces_the_first_and_is_taken_back_as_one(string name, string[] entries, string[] options)
    {
        using var tree = new ResolverTree().Add(entries);
        var before = tree.Dump();
        await tree.RunAsync(["dns:install", .. options]);

        var hosts = await tree.RunAsync("dns:install", "--manager", "hosts", "--host", "one.test");
        Assert.True(hosts.ExitCode == ExitCode.Ok, name + ": " + hosts.Error);
        var macos = await tree.RunAsync("dns:install", "--manager", "macos", "--tld", "other.test");
        Assert.True(macos.ExitCode == ExitCode.Ok, name + ": " + macos.Error);
        Assert.Contains("nameserver 127.0.0.1\nport 53\n", tree.Read("/etc/resolver/other.test"), StringComparison.Ordinal);

        Assert.Equal(ExitCode.Ok, (await tree.RunAsync("dns:uninstall")).ExitCode);
        Assert.Equal(before, tree.Dump());
    }

    [Fact]
    public async Task An_installation_that_was_interrupted_is_taken_back()
    {
        using var tree = new ResolverTree().Add(Plain);
        var before = tree.Dump();
        await tree.RunAsync("dns:install");
        var installed = tree.Read("/etc/resolv.conf");
        // The note of what was there is written first, and the file was not reached.
        tree.Write("/etc/resolv.conf", "# caf\u00e9, no line end below\nnameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch example.test");

        Assert.Equal(ExitCode.Ok, (await tree.RunAsync("dns:uninstall")).ExitCode);

        Assert.Equal(before, tree.Dump());
        Assert.NotEqual(installed, tree.Read("/etc/resolv.conf"));
    }

    [Fact]
    public async Task What_somebody_has_added_since_stays()
    {
        using var tree = new ResolverTree().Add(Plain);
        await tree.RunAsync("dns:install", "--only");
        Assert.Contains("# securely: nameserver 192.0.2.1\n", tree.Read("/etc/resolv.conf"), StringComparison.Ordinal);
        tree.Write("/etc/resolv.conf", tree.Read("/etc/resolv.conf") + "\noptions edns0\n");

        Assert.Contains("ok", (await tree.RunAsync("dns:doctor")).Output, StringComparison.Ordinal);
        await tree.RunAsync("dns:install", "--ip", "127.0.0.2");
        Assert.Contains("nameserver 127.0.0.2\n", tree.Read("/etc/resolv.conf"), StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", tree.Read("/etc/resolv.conf"), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, (await tree.RunAsync("dns:uninstall")).ExitCode);

        Assert.Equal("# caf\u00e9, no line end below\nnameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch example.test\noptions edns0\n", tree.Read("/etc/resolv.conf"));
    }

    [Fact]
    public async Task A_file_of_ours_that_somebody_has_changed_stays_unless_forced()
    {
        using var tree = new ResolverTree().Add("/System/Library/CoreServices/", "/etc/resolver/test 0644 nameserver 192.0.2.1\\n");
        var before = tree.Dump();
        await tree.RunAsync("dns:install");
        tree.Write("/etc/resolver/test", "nameserver 192.0.2.9\n");

        Assert.Contains("was changed since; run securely dns:install again", (await tree.RunAsync("dns:doctor")).Output, StringComparison.Ordinal);
        var kept = await tree.RunAsync("dns:uninstall");
        Assert.Equal(ExitCode.Failed, kept.ExitCode);
        Assert.Contains("was changed since and is left as it is", kept.Error, StringComparison.Ordinal);
        Assert.Equal("nameserver 192.0.2.9\n", tree.Read("/etc/resolver/test"));
        Assert.Equal(ExitCode.Ok, (await tree.RunAsync("dns:uninstall", "--force")).ExitCode);
        Assert.Equal(before, tree.Dump());
    }

    [Theory]
    [InlineData("[dev]; use [test]", "--tld", "dev")]
    [InlineData("[app]; use [test]", "--tld", "app")]
    [InlineData("[local] belongs to multicast DNS", "--tld", "local")]
    [InlineData("The root cannot be a local name", "--tld", ".")]
    [InlineData("[a'b] is not a domain of letters", "--tld", "a'b")]
    [InlineData("[1.2.3] is not an IP address", "--ip", "1.2.3")]
    [InlineData("[70000] is not a port", "--port", "70000")]
    [InlineData("is not one of resolved, networkmanager", "--manager", "bind")]
    [InlineData("/etc/resolv.conf knows no ports, and the server is at [127.0.0.1:5353]", "--port", "5353")]
    [InlineData("Windows knows no ports", "--port", "5353", "--manager", "windows")]
    [InlineData("[127.0.0.53] belongs to systemd-resolved itself", "--ip", "127.0.0.53", "--manager", "resolved")]
    [InlineData("knows single names only; name them with --host", "--manager", "hosts")]
    [InlineData("[--link] is for systemd-resolved", "--link", "eth0")]
    [InlineData("[--only] is for /etc/resolv.conf", "--only", "--manager", "macos")]
    public async Task Refuses_what_cannot_work_and_changes_nothing(string reason, params string[] options)
    {
        using var tree = new ResolverTree().Add(Plain);
        var before = tree.Dump();

        var run = await tree.RunAsync(["dns:install", .. options]);

        Assert.NotEqual(ExitCode.Ok, run.ExitCode);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.Equal(before, tree.Dump());
    }

    [Fact]
    public async Task Nothing_leads_out_of_the_tree()
    {
        using var outside = new ResolverTree().Add("/etc/");
        using var tree = new ResolverTree().Add("/System/Library/CoreServices/", $"/etc -> {outside.Root}/etc");

        var run = await tree.RunAsync("dns:install");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("is a link, which may lead out of", run.Error, StringComparison.Ordinal);
        Assert.Equal("/etc/\n", outside.Dump());
    }

    [Fact]
    public async Task Domains_and_the_address_are_those_of_the_configuration()
    {
        using var tree = new ResolverTree().Add("/etc/resolv.conf -> /run/systemd/resolve/stub-resolv.conf");
        tree.Write("securely.yaml", "dns: {listen: ['*:5399'], local: {tlds: [test, lan]}}\n");

        var run = await tree.RunAsync("dns:install");

        Assert.StartsWith("systemd-resolved: names of test, lan are asked at 127.0.0.1:5399\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("DNS=127.0.0.1:5399\nDomains=~test ~lan\n", tree.Read("/etc/systemd/resolved.conf.d/90-securely.conf"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_of_hosts_gets_the_sites_of_the_configuration()
    {
        using var tree = new ResolverTree().Add("/etc/");
        tree.Write("securely.yaml", "upstreams: {app: {servers: [127.0.0.1:3000]}}\nsites:\n  - {hosts: [app.test, '*.app.test', example.org], routes: [{upstream: app}]}\n  - {hosts: [api.test], routes: [{upstream: app}]}\n");

        Assert.Equal(ExitCode.Ok, (await tree.RunAsync("dns:install", "--manager", "hosts")).ExitCode);

        Assert.Contains("\n127.0.0.1 app.test api.test\n::1 app.test api.test\n", tree.Read("/etc/hosts"), StringComparison.Ordinal);
    }

    private static string Portable(ResolverTree tree, string text) => text.Replace(tree.Root, "ROOT", StringComparison.Ordinal);
}
