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
        set -e
        export LC_ALL=C
        ip link set lo up
        mount -t tmpfs none /var/lib
        mount --bind "$PWD/resolv.conf" /etc/resolv.conf
        mount --bind "$PWD/nsswitch.conf" /etc/nsswitch.conf
        mkfifo others.pipe local.pipe
        ready() { while read -r line; do case "$line" in *'is ready') return 0 ;; esac; done; return 1; }
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

    [Fact]
    public async Task Every_program_finds_local_names_and_reaches_their_site()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("resolv.conf", "nameserver 127.0.0.99\noptions timeout:20");
        directory.Write("nsswitch.conf", "hosts: files dns\n");
        directory.Write("example.org.zone", "$TTL 60\n@ SOA ns admin 1 2 3 4 5\n@ NS ns\nns A 192.0.2.53\nwww A 192.0.2.80\n");
        directory.Write("others.yaml", Others);
        directory.Write("securely.yaml", Configuration);
        if (await NamespaceAsync() is not { } unshare)
            return;

        var runner = new CliRunner
        {
            Binary = ExternalProgram.Find("unshare", "util-linux"),
            WorkingDirectory = directory.Path,
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["SECURELY"] = CliRunner.FindBinary() },
            Limit = TimeSpan.FromMinutes(3),
        };
        var result = await runner.RunAsync([.. unshare, "sh", "-c", Script]);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Equal(
            Expected,
            result.Output.Replace("options timeout:20hosts", "options timeout:20\nhosts", StringComparison.Ordinal).Replace("::1, 127.0.0.1", "127.0.0.1, ::1", StringComparison.Ordinal),
            ignoreLineEndingDifferences: true);
        Assert.Equal("nameserver 127.0.0.99\noptions timeout:20", await File.ReadAllTextAsync(directory.File("resolv.conf"), TestContext.Current.CancellationToken));
    }

    // How a namespace is made here; null where the machine lets nobody make one, as in some containers, so that there is nothing to look at.
    private static async Task<string[]?> NamespaceAsync()
    {
        foreach (var options in (string[][])[["-n", "-m", "-p", "-f", "--kill-child"], ["-r", "-n", "-m", "-p", "-f", "--kill-child"]])
        {
            var probe = await new CliRunner { Binary = ExternalProgram.Find("unshare", "util-linux") }.RunAsync([.. options, "sh", "-c", "ip link set lo up && mount -t tmpfs none /var/lib"]);
            if (probe.ExitCode == 0)
                return options;
        }

        return null;
    }
}
