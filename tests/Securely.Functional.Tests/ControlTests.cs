using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>Asking the running program, and what keeps it from being asked.</summary>
public sealed class ControlTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string SocketPath => Path.Combine(_directory.Path, "data", "control.sock");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Status_while_requests_run_counts_every_one_of_them()
    {
        const int Clients = 4, Each = 250;
        await using var origin = TestOrigin.Start(OriginScripts.EachRequest((connection, _, _) => connection.SendOkAsync("hello")));
        await using var server = await ServeAsync(origin);
        var address = await AddressAsync(server);

        var load = Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => SendAsync(address, Each)));
        var seen = 0L;
        while (!load.IsCompleted)
        {
            var now = (await StatusAsync()).GetProperty("requests").GetProperty("total").GetInt64();
            Assert.InRange(now, seen, Clients * Each);
            seen = now;
        }

        await load;
        var status = await StatusAsync();
        Assert.Equal(server.Id, status.GetProperty("pid").GetInt32());
        Assert.Equal(Clients * Each, status.GetProperty("requests").GetProperty("total").GetInt64());
        Assert.True(status.GetProperty("requests").GetProperty("per_second_10s").GetDouble() > 0);
    }

    [Fact]
    public async Task Another_user_is_told_who_may_ask()
    {
        await using var origin = TestOrigin.Start(OriginScripts.EachRequest((connection, _, _) => connection.SendOkAsync("hello")));
        await using var server = await ServeAsync(origin);

        // Only root can become another user; whoever is not is kept out by the mode instead.
        var refused = Environment.IsPrivilegedProcess ? await StatusAsNobodyAsync() : await StatusWithoutModeAsync();

        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Equal(
            Environment.IsPrivilegedProcess
                ? $"Permission to use the control socket [{SocketPath}] (its directory [{Path.GetDirectoryName(SocketPath)}] is closed) is denied: it belongs to [{Environment.UserName}], and this program runs as [nobody]; call it as [{Environment.UserName}], as in sudo -u {Environment.UserName}\n"
                : $"Permission to use the control socket [{SocketPath}] is denied, though it belongs to [{Environment.UserName}]; give its mode back with chmod 600 {SocketPath}\n",
            refused.Error);
    }

    [Fact]
    public async Task The_socket_of_a_killed_server_says_that_nothing_runs_and_the_next_server_takes_it()
    {
        await using var origin = TestOrigin.Start(OriginScripts.EachRequest((connection, _, _) => connection.SendOkAsync("hello")));
        await using (var killed = await ServeAsync(origin))
        {
            killed.Signal(9);
            await killed.WaitForExitAsync();
        }

        foreach (var command in new[] { "status", "stop", "log:level", "log:reopen" })
        {
            var result = await RunAsync(command);
            Assert.Equal(
                (1, "", $"No server runs: the control socket [{SocketPath}] is left from one that has died; start it again with securely serve\n"),
                (result.ExitCode, result.Output, result.Error));
        }

        await using var next = await ServeAsync(origin);
        Assert.Equal(next.Id, (await StatusAsync()).GetProperty("pid").GetInt32());
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task A_server_that_hangs_is_not_waited_for_for_ever()
    {
        await using var origin = TestOrigin.Start(OriginScripts.EachRequest((connection, _, _) => connection.SendOkAsync("hello")));
        await using var server = await ServeAsync(origin);
        const int Stop = 19, Continue = 18;

        server.Signal(Stop);
        var hung = await RunAsync("status");
        server.Signal(Continue);

        Assert.Equal((1, $"The server on [{SocketPath}] has not answered within 10 s; it hangs or the machine is overloaded\n"), (hung.ExitCode, hung.Error));
        await StatusAsync();
    }

    [Fact]
    public async Task Nothing_that_is_said_on_the_socket_disturbs_the_server()
    {
        await using var origin = TestOrigin.Start(OriginScripts.EachRequest((connection, _, _) => connection.SendOkAsync("hello")));
        await using var server = await ServeAsync(origin);
        var halves = new List<Socket>();
        foreach (var bytes in new byte[][] { [0], [255, 255, 255, 255], "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), [0, 0, 0, 2, (byte)'{', (byte)'}'], [0, 0, 1, 0, (byte)'{'], new byte[100_000] })
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            halves.Add(socket);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
            try
            {
                await socket.SendAsync(bytes);
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.Shutdown or SocketError.ConnectionReset)
            {
                // It was refused before it had said all.
            }
        }

        await StatusAsync();
        halves.ForEach(socket => socket.Dispose());
        await StatusAsync();
        await SendAsync(await AddressAsync(server), 10);
        Assert.DoesNotContain("error", server.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_lets_running_requests_finish_and_waits_until_the_process_has_gone()
    {
        var phases = new PhaseBarrier();
        await using var origin = SlowOrigin(phases);
        await using var server = await ServeAsync(origin);
        await using var busy = await RawClient.ConnectAsync(await AddressAsync(server));
        await busy.SendAsync("GET /slow HTTP/1.1\r\nHost: app.test\r\n\r\n");
        await phases.WaitAsync("arrived");

        var late = await RunAsync("stop", "--wait", "0.5");
        Assert.Equal((1, ""), (late.ExitCode, late.Output));
        Assert.EndsWith($"The server of process {server.Id} still runs after 0.5 s, with 1 connection open; securely stop --fast cuts them off\n", late.Error, StringComparison.Ordinal);

        await using var stopping = await Cli.StartAsync($"The server of process {server.Id} stops, 1 connection open", "stop");
        phases.Signal("answer");
        var response = await busy.ReadResponseAsync();
        var stopped = await stopping.WaitForExitAsync();

        Assert.Equal((200, "finished"), (response.Status, response.BodyText));
        Assert.Equal((0, $"The server of process {server.Id} has stopped\n"), (stopped.ExitCode, stopped.Output));
        Assert.Equal(0, (await server.WaitForExitAsync()).ExitCode);
        Assert.False(File.Exists(SocketPath));
    }

    [Fact]
    public async Task Stop_fast_cuts_requests_off_also_those_that_a_graceful_stop_lets_finish()
    {
        var phases = new PhaseBarrier();
        await using var origin = SlowOrigin(phases);
        await using var server = await ServeAsync(origin);
        await using var busy = await RawClient.ConnectAsync(await AddressAsync(server));
        await busy.SendAsync("GET /slow HTTP/1.1\r\nHost: app.test\r\n\r\n");
        await phases.WaitAsync("arrived");

        var asked = await RunAsync("stop", "--wait", "0");
        Assert.Equal((0, $"The server of process {server.Id} stops\n", ""), (asked.ExitCode, asked.Output, asked.Error));
        var stopped = await RunAsync("stop", "--fast", "--wait");

        Assert.Equal((0, $"The server of process {server.Id} has stopped\n"), (stopped.ExitCode, stopped.Output));
        Assert.Equal(0, (await server.WaitForExitAsync()).ExitCode);
        phases.Signal("answer");
        Assert.DoesNotContain("finished", (await busy.ReadToEndAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_during_load_loses_no_request_that_was_accepted()
    {
        var phases = new PhaseBarrier();
        var arrived = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        await using var origin = TestOrigin.Start(OriginScripts.EachRequest((connection, head, _) =>
        {
            arrived[head.Split(' ')[1]] = true;
            return connection.SendOkAsync("hello");
        }));
        await using var server = await ServeAsync(origin);
        var address = await AddressAsync(server);
        var load = Enumerable.Range(0, 8).Select(client => SendUntilRefusedAsync(address, client, phases)).ToArray();
        await phases.WaitAsync("warm");

        var stopped = await RunAsync("stop");
        var clients = await Task.WhenAll(load);

        Assert.Equal(0, stopped.ExitCode);
        Assert.Equal(0, (await server.WaitForExitAsync()).ExitCode);
        // What the server has taken it has answered; what still waited in the kernel's queue never came to anybody.
        Assert.Equal(arrived.Keys.Order(StringComparer.Ordinal), clients.SelectMany(paths => paths).Order(StringComparer.Ordinal));
    }

    private CliRunner Cli => new() { WorkingDirectory = _directory.Path };

    private Task<CliResult> RunAsync(params string[] arguments) => Cli.RunAsync(arguments);

    private async Task<RunningProcess> ServeAsync(TestOrigin origin)
    {
        _directory.Write("securely.yaml", $$"""
            data_dir: data
            threads: 2
            listeners: [{address: 127.0.0.1:0}]
            upstreams:
              app: {servers: ["{{origin.Address}}"] }
            sites: [{hosts: ["*"], routes: [{upstream: app}]}]
            """);
        return await Cli.StartAsync("is ready", "serve");
    }

    private async Task<JsonElement> StatusAsync()
    {
        var result = await RunAsync("status", "--json");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        using var document = JsonDocument.Parse(result.Output);
        return document.RootElement.Clone();
    }

    /// <summary>Runs a copy of the program, because another user may not be allowed into the directory that this one was built in.</summary>
    private async Task<CliResult> StatusAsNobodyAsync()
    {
        using var copy = new TemporaryDirectory();
        var binary = CliRunner.FindBinary();
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(binary)!))
            File.Copy(file, copy.File(Path.GetFileName(file)));
        Open(copy.Path, _directory.Path);
        var nobody = new CliRunner { Binary = "setpriv", WorkingDirectory = _directory.Path };
        return await nobody.RunAsync("--reuid=nobody", "--regid=nogroup", "--clear-groups", copy.File(Path.GetFileName(binary)), "status");
    }

    private async Task<CliResult> StatusWithoutModeAsync()
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(SocketPath, UnixFileMode.None);
        return await RunAsync("status");
    }

    private static void Open(params string[] directories)
    {
        if (OperatingSystem.IsWindows())
            return;
        foreach (var directory in directories)
            File.SetUnixFileMode(directory, File.GetUnixFileMode(directory) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }

    private static async Task<IPEndPoint> AddressAsync(RunningProcess server) => IPEndPoint.Parse(new Uri(await server.WaitForLineAsync("http://")).Authority);

    private static async Task SendAsync(IPEndPoint address, int count)
    {
        await using var client = await RawClient.ConnectAsync(address);
        for (var i = 0; i < count; i++)
            Assert.Equal(200, (await client.ExchangeAsync("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")).Status);
    }

    /// <summary>One connection a request, each for a path of its own, until the server no longer takes any.</summary>
    /// <returns>The paths that were answered in full.</returns>
    private static async Task<List<string>> SendUntilRefusedAsync(IPEndPoint address, int number, PhaseBarrier phases)
    {
        var answered = new List<string>();
        try
        {
            while (true)
            {
                var path = $"/{number}/{answered.Count}";
                await using var client = await RawClient.ConnectAsync(address);
                var response = await client.ExchangeAsync($"GET {path} HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n");
                Assert.Equal((200, "hello"), (response.Status, response.BodyText));
                answered.Add(path);
                if (answered.Count == 20)
                    phases.Signal("warm");
            }
        }
        catch (IOException)
        {
            return answered;
        }
    }

    /// <summary>Answers when the phase <c>answer</c> has come.</summary>
    private static TestOrigin SlowOrigin(PhaseBarrier phases) => TestOrigin.Start(OriginScripts.EachRequest(async (connection, _, _) =>
    {
        phases.Signal("arrived");
        await phases.WaitAsync("answer");
        await connection.SendOkAsync("finished");
    }));
}
