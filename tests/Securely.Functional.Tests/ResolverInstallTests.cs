using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>
/// Local names on a machine as the programs on it see them: a network namespace of its own, with a resolv.conf that is mounted as in a container.
/// Nothing outside of it changes.
/// </summary>
public sealed class ResolverInstallTests
{
    // The reader of the pipe stays open, so that the program may go on writing.
    private const string Script = """
        mkfifo others.pipe local.pipe
        "$SECURELY" serve -c others.yaml > others.pipe & others=$!
        exec 3< others.pipe
        ready <&3
        "$SECURELY" serve -c securely.yaml > local.pipe & local=$!
        exec 4< local.pipe
        ready <&4
        echo "before: $(getent hosts app.test || echo none)"
        "$SECURELY" dns:install -c securely.yaml > /dev/null
        cat /etc/resolv.conf
        echo "hosts: $(getent hosts app.test)"
        getent ahosts a.b.c.test | cut -d ' ' -f 1 | sort -u
        echo "other: $(getent hosts www.example.org)"
        echo "page: $(curl -s --max-time 20 http://app.test/)"
        "$SECURELY" dns:doctor
        "$SECURELY" dns:uninstall > /dev/null
        echo "after: $(getent hosts app.test || echo none)"
        kill "$local" "$others"
        wait "$local" "$others"
        """;

    private const string Configuration = """
        data_dir: local
        listeners: [{address: 127.0.0.1:80}]
        dns: {listen: [127.0.0.1:53], local: {tlds: [test]}}
        upstreams: {app: {servers: [127.0.0.1:3000]}}
        sites: [{hosts: [app.test], routes: [{upstream: app}]}]
        """;

    // The name server that the machine has had, and the application behind the site.
    private const string Others = """
        data_dir: others
        listeners: [{address: 127.0.0.1:3000}]
        dns: {listen: [127.0.0.99:53], zones: [{name: example.org, file: example.org.zone}]}
        sites: [{hosts: [app.test], routes: [{respond: {status: 200, body: from the upstream}}]}]
        """;

    private const string Expected = """
        before: none
        # securely begin: written by dns:install, taken out by dns:uninstall
        nameserver 127.0.0.1
        # securely end
        nameserver 127.0.0.99
        options timeout:20
        hosts: ::1             app.test
        127.0.0.1
        ::1
        other: 192.0.2.80      www.example.org
        page: from the upstream
        ok     /etc/resolv.conf is as it was installed
        ok     The server at 127.0.0.1:53 says that securely-doctor.test is 127.0.0.1, ::1
        ok     The system says that securely-doctor.test is 127.0.0.1, ::1
        after: none

        """;

    // Ours is the only name server of the machine. It asks NSD for names of others, and Knot for those of one domain; both have the usual port.
    private const string ForwardingScript = """
        mkdir nsd knot
        nsd -d -c nsd.conf > nsd.log 2>&1 & nsd=$!
        knotd -c knot.conf > knot.log 2>&1 & knot=$!
        answers() { until dig "@$1" +short +tries=1 +time=1 "$2" SOA | grep -q ^ns; do :; done; }
        answers 127.0.0.99 example.org
        answers 127.0.0.98 corp.example
        mkfifo local.pipe
        "$SECURELY" serve -c securely.yaml > local.pipe & local=$!
        exec 4< local.pipe
        ready <&4
        "$SECURELY" dns:install --only -c securely.yaml > /dev/null
        grep ^nameserver /etc/resolv.conf
        echo "local: $(getent hosts app.test)"
        echo "forwarded: $(getent hosts www.example.org)"
        echo "by a route: $(getent hosts www.corp.example)"
        echo "alias: $(getent hosts alias.example.org)"
        echo "none: $(getent hosts no.example.org || echo none)"
        echo "large: $(getent ahosts many.example.org | cut -d ' ' -f 1 | sort -u | wc -l)"
        kill "$nsd"
        wait "$nsd" || :
        echo "from the cache: $(getent hosts www.example.org)"
        "$SECURELY" dns:uninstall > /dev/null
        kill "$local" "$knot"
        wait "$local"
        """;

    private const string Forwarding = """
        data_dir: local
        dns:
          listen: [127.0.0.1:53]
          local: {tlds: [test]}
          forward: [127.0.0.99]
          forward_timeout: 1m
          routes: [{domains: [corp.example], forward: [127.0.0.98]}]
        """;

    private const string Nsd = """
        server:
          ip-address: 127.0.0.99
          server-count: 1
          username: ""
          chroot: ""
          zonesdir: "."
          xfrdir: "nsd"
          pidfile: "nsd/nsd.pid"
          xfrdfile: "nsd/xfrd.state"
          zonelistfile: "nsd/zone.list"
          database: ""
        remote-control:
          control-enable: no
        zone:
          name: example.org
          zonefile: example.org.zone

        """;

    private const string ForwardedExpected = """
        nameserver 127.0.0.1
        local: ::1             app.test
        forwarded: 192.0.2.80      www.example.org
        by a route: 192.0.2.90      www.corp.example
        alias: 192.0.2.80      www.example.org alias.example.org
        none: none
        large: 120
        from the cache: 192.0.2.80      www.example.org

        """;

    [Fact]
    public async Task Every_program_finds_local_names_and_reaches_their_site()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("resolv.conf", "nameserver 127.0.0.99\noptions timeout:20");
        directory.Write("example.org.zone", "$TTL 60\n@ SOA ns admin 1 2 3 4 5\n@ NS ns\nns A 192.0.2.53\nwww A 192.0.2.80\n");
        directory.Write("others.yaml", Others);
        directory.Write("securely.yaml", Configuration);

        var result = await NetworkNamespace.RunAsync(directory, Script);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Equal(
            Expected,
            result.Output.Replace("options timeout:20hosts", "options timeout:20\nhosts", StringComparison.Ordinal).Replace("::1, 127.0.0.1", "127.0.0.1, ::1", StringComparison.Ordinal),
            ignoreLineEndingDifferences: true);
        Assert.Equal("nameserver 127.0.0.99\noptions timeout:20", await File.ReadAllTextAsync(directory.File("resolv.conf"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Every_program_finds_names_of_others_by_our_server_alone()
    {
        using var directory = new TemporaryDirectory();
        const string Head = "$TTL 600\n@ SOA ns admin 1 2 3 4 5\n@ NS ns\nns A 192.0.2.53\n";
        directory.Write("resolv.conf", "nameserver 127.0.0.99\noptions timeout:30 attempts:1\n");
        var many = Enumerable.Range(1, 120).Select(number => $"many A 198.51.100.{number}\n");
        directory.Write("example.org.zone", $"$ORIGIN example.org.\n{Head}www A 192.0.2.80\nalias CNAME www\n{string.Concat(many)}");
        directory.Write("corp.example.zone", $"$ORIGIN corp.example.\n{Head}www A 192.0.2.90\n");
        directory.Write("nsd.conf", Nsd.Replace("zonesdir: \".\"", $"zonesdir: \"{directory.Path}\"", StringComparison.Ordinal));
        directory.Write("knot.conf", $"server:\n    rundir: \"{directory.File("knot")}\"\n    listen: 127.0.0.98@53\ndatabase:\n    storage: \"{directory.File("knot")}\"\nzone:\n  - domain: corp.example\n    storage: \"{directory.Path}\"\n    file: corp.example.zone\n");
        directory.Write("securely.yaml", Forwarding);
        _ = ExternalProgram.Find("nsd", "nsd");
        _ = ExternalProgram.Find("knotd", "knot");
        _ = ExternalProgram.Find("dig", "bind9-dnsutils");

        var result = await NetworkNamespace.RunAsync(directory, ForwardingScript);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Equal(ForwardedExpected, result.Output, ignoreLineEndingDifferences: true);
        Assert.Equal("nameserver 127.0.0.99\noptions timeout:30 attempts:1\n", await File.ReadAllTextAsync(directory.File("resolv.conf"), TestContext.Current.CancellationToken));
    }
}
