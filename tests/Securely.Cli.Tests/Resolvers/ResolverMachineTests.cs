using System.Net;
using System.Net.Sockets;
using Securely.Testing;

namespace Securely.Cli.Tests.Resolvers;

/// <summary>What happens on the machine itself: programs are run, and the doctor asks. The machine is a directory with programs that write down their calls.</summary>
public sealed class ResolverMachineTests : IDisposable
{
    private readonly ResolverTree _machine = new ResolverTree().Add("/etc/resolv.conf -> ../run/systemd/resolve/stub-resolv.conf");
    private IPAddress[] _addresses = [IPAddress.Loopback];
    private string? _asked;

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task Runs_the_program_that_makes_the_manager_read_its_files()
    {
        AddProgram("systemctl", "");
        var run = await RunAsync("dns:install", "--port", "5353");
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.Equal("systemctl reload-or-restart systemd-resolved\n", Calls());

        await RunAsync("dns:install", "--port", "5353");
        Assert.Equal("systemctl reload-or-restart systemd-resolved\n", Calls());
        await RunAsync("dns:uninstall");
        Assert.Equal("systemctl reload-or-restart systemd-resolved\nsystemctl reload-or-restart systemd-resolved\n", Calls());
    }

    [Fact]
    public async Task A_program_that_fails_is_run_again_by_the_next_installation()
    {
        AddProgram("systemctl", "echo 'no such unit' >&2; exit 5");
        var run = await RunAsync("dns:install", "--port", "5353");
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Equal("[systemctl reload-or-restart systemd-resolved] failed: it ended with 5: no such unit. The files are in place; when it has run, the change counts\n", run.Error);

        AddProgram("systemctl", "");
        Assert.Equal(ExitCode.Ok, (await RunAsync("dns:install", "--port", "5353")).ExitCode);
        Assert.Equal(2, Calls().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task A_program_that_is_missing_is_named()
    {
        var run = await RunAsync("dns:install", "--port", "5353");
        Assert.Contains("failed: [systemctl] is not on this machine", run.Error, StringComparison.Ordinal);
        Assert.Contains("has not read its files yet", (await RunAsync("dns:doctor")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_argument_of_the_policy_arrives_whole()
    {
        AddProgram("powershell", "printf '%s\\n' \"$4\" \"$5\" >> \"$0.calls\"");
        await RunAsync("dns:install", "--manager", "windows");
        Assert.Equal(
            "Get-DnsClientNrptRule | Where-Object Comment -eq 'securely' | Remove-DnsClientNrptRule -Force; "
            + "Add-DnsClientNrptRule -Namespace '.test' -NameServers 127.0.0.1 -Comment securely; Clear-DnsClientCache\n\n",
            _machine.Read("/bin/powershell.calls"));
    }

    [Fact]
    public async Task The_doctor_says_that_nothing_is_installed()
    {
        var run = await RunAsync("dns:doctor");
        Assert.Equal((ExitCode.Failed, "Nothing is installed: this machine does not ask our name server; run securely dns:install\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task The_doctor_asks_the_server_and_the_system()
    {
        await using var server = await StartAsync();
        await InstallAsync(server);

        var run = await RunAsync("dns:doctor");

        Assert.Equal((ExitCode.Ok, "securely-doctor.test"), (run.ExitCode, _asked));
        Assert.Contains("ok     The server at 127.0.0.1:", run.Output, StringComparison.Ordinal);
        Assert.Contains(" says that securely-doctor.test is 127.0.0.1, ::1\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("ok     The system says that securely-doctor.test is 127.0.0.1\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_says_that_the_system_does_not_ask_the_server()
    {
        await using var server = await StartAsync();
        await InstallAsync(server);

        _addresses = [];
        Assert.Contains("wrong  The system does not find [securely-doctor.test] (", (await RunAsync("dns:doctor")).Output, StringComparison.Ordinal);
        _addresses = [IPAddress.Parse("192.0.2.7")];
        Assert.Contains("is 192.0.2.7, which is not from this server: somebody else is asked first", (await RunAsync("dns:doctor")).Output, StringComparison.Ordinal);
        var json = await RunAsync("dns:doctor", "--json");
        Assert.Equal(ExitCode.Failed, json.ExitCode);
        Assert.Contains("\"ok\": false,\n      \"hop\": \"system\"", json.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_says_that_the_server_does_not_answer()
    {
        await using (var server = await StartAsync())
        {
            await InstallAsync(server);
            Assert.Equal(ExitCode.Ok, await server.StopAsync());
        }

        var run = await RunAsync("dns:doctor");
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("; start it with securely serve, with [dns.listen] and [dns.local] in its configuration\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("is 127.0.0.1, though the server does not answer: somebody else is asked\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_says_that_the_server_has_another_domain()
    {
        await using var server = await StartAsync("other");
        await InstallAsync(server);
        Assert.Contains("answers [REFUSED] for [securely-doctor.test]: it does not serve this domain; add it to [dns.local.tlds]", (await RunAsync("dns:doctor")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_says_what_it_would_ask()
    {
        await using var server = await StartAsync();
        await InstallAsync(server);
        var run = await RunAsync("dns:doctor", "--dry-run");
        Assert.Equal((ExitCode.Ok, null), (run.ExitCode, _asked));
        Assert.Matches("^To look at: .*/90-securely.conf\nTo ask: 127.0.0.1:[0-9]+ and the system for securely-doctor.test\n$", run.Output);
    }

    private async Task<RunningProgram> StartAsync(string domain = "test")
    {
        File.WriteAllText(Path.Join(_machine.Root, "serve.yaml"), $"dns: {{listen: [127.0.0.1:0], local: {{tlds: [{domain}]}}}}\ncontrol_socket: c.sock\n");
        return await RunningProgram.StartAsync(_machine.Root, "serve", "-c", "serve.yaml");
    }

    private async Task InstallAsync(RunningProgram server)
    {
        AddProgram("systemctl", "");
        var port = server.Lines[0][(server.Lines[0].LastIndexOf(':') + 1)..];
        Assert.Equal(ExitCode.Ok, (await RunAsync("dns:install", "--port", port)).ExitCode);
    }

    private void AddProgram(string name, string script)
    {
        _machine.Add("/bin/");
        File.Delete(Path.Join(_machine.Root, "bin", name));
        _machine.Add($"/bin/{name} 0755 #!/bin/sh\\necho {name} \"$@\" >> {_machine.Root}/calls\\n{script}\\n");
    }

    private string Calls() => _machine.Read("/calls");

    private async Task<CliRun> RunAsync(params string[] arguments)
    {
        var standard = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var environment = CliRun.Environment(_machine.Root) with
        {
            SystemRoot = _machine.Root,
            // Nobody runs out of patience, however slow the machine is.
            Time = new ManualTimeProvider(),
            Variable = name => name == "PATH" ? Path.Join(_machine.Root, "bin") : null,
            ResolveHost = (name, _) =>
            {
                _asked = name;
                return _addresses.Length > 0 ? Task.FromResult(_addresses) : Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound));
            },
        };
        var code = await new SecurelyApplication(new Output(standard, error), environment).RunAsync(arguments, TestContext.Current.CancellationToken);
        return new CliRun(code, standard.ToString(), error.ToString());
    }
}
