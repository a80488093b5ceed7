using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>A network of its own for a script of the shell, with files of its own in place of the machine's. Nothing outside of it changes.</summary>
internal static class NetworkNamespace
{
    // What a script may use: a program that is awaited by its last line, and the files of the C library's resolver.
    private const string Prologue = """
        set -e
        export LC_ALL=C
        ip link set lo up
        mount -t tmpfs none /var/lib
        mount --bind "$PWD/resolv.conf" /etc/resolv.conf
        mount --bind "$PWD/nsswitch.conf" /etc/nsswitch.conf
        ready() { while read -r line; do case "$line" in *'is ready') return 0 ;; esac; done; return 1; }

        """;

    /// <summary>Runs a script in a directory that has <c>resolv.conf</c>; <c>$SECURELY</c> is our program.</summary>
    /// <exception cref="InvalidOperationException">This machine lets nobody make a namespace; the message says what to do.</exception>
    public static async Task<CliResult> RunAsync(TemporaryDirectory directory, string script)
    {
        directory.Write("nsswitch.conf", "hosts: files dns\n");
        var runner = new CliRunner
        {
            Binary = ExternalProgram.Find("unshare", "util-linux"),
            WorkingDirectory = directory.Path,
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["SECURELY"] = CliRunner.FindBinary(), ["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin" },
            Limit = TimeSpan.FromMinutes(3),
        };
        return await runner.RunAsync([.. await OptionsAsync(), "sh", "-c", Prologue + script]);
    }

    private static async Task<string[]> OptionsAsync()
    {
        var reason = "";
        foreach (var options in (string[][])[["-n", "-m", "-p", "-f", "--kill-child"], ["-r", "-n", "-m", "-p", "-f", "--kill-child"]])
        {
            var probe = await new CliRunner { Binary = ExternalProgram.Find("unshare", "util-linux") }.RunAsync([.. options, "sh", "-c", "PATH=$PATH:/usr/sbin:/sbin; ip link set lo up && mount -t tmpfs none /var/lib"]);
            if (probe.ExitCode == 0)
                return options;
            reason = probe.Error.Trim();
        }

        throw new InvalidOperationException(
            $"A network namespace cannot be made here [{reason}]; run the tests as root (in a container with --privileged), or let users make namespaces: sysctl -w kernel.unprivileged_userns_clone=1");
    }
}
