using System.Net.Sockets;
using System.Runtime.InteropServices;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net;

public sealed class ControlSocketTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string SocketPath => _directory.File("control.sock");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_file_is_for_its_owner_only()
    {
        using var socket = await ClaimAsync(SocketPath);

        Assert.Equal(0b110_000_000, FileCalls.StatusOf(SocketPath, followLinks: false)!.Value.Mode & 0x1FF);
    }

    [Fact]
    public async Task The_file_of_a_dead_server_is_replaced()
    {
        LeaveStale(SocketPath);

        using var socket = await ClaimAsync(SocketPath);

        await ConnectAsync(SocketPath);
    }

    [Fact]
    public async Task A_running_server_is_not_pushed_out()
    {
        using var first = await ClaimAsync(SocketPath);

        var refusal = await Assert.ThrowsAsync<NetException>(() => ClaimAsync(SocketPath));

        Assert.Equal(NetErrorKind.BindError, refusal.Kind);
        Assert.Equal($"Control socket [{SocketPath}] cannot be made: the server that runs as process [{Environment.ProcessId}] has it; stop that one, or choose another path", refusal.Message);
        await ConnectAsync(SocketPath);
    }

    [Fact]
    public async Task Of_many_servers_that_start_at_once_one_gets_it()
    {
        LeaveStale(SocketPath);
        var claims = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            try
            {
                return await ClaimAsync(SocketPath);
            }
            catch (NetException)
            {
                return null;
            }
        })));

        using var winner = Assert.Single(claims, claim => claim is not null);
        await ConnectAsync(SocketPath);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_link_is_not_followed(bool leadsSomewhere)
    {
        var target = _directory.File("target");
        if (leadsSomewhere)
            LeaveStale(target);
        File.CreateSymbolicLink(SocketPath, target);

        var refusal = await Assert.ThrowsAsync<NetException>(() => ClaimAsync(SocketPath));

        Assert.Equal($"Control socket [{SocketPath}] cannot be made: a symbolic link is in its place; remove it, or choose another path", refusal.Message);
        Assert.Equal(leadsSomewhere, File.Exists(target));
    }

    [Fact]
    public async Task A_file_of_somebody_is_left_alone()
    {
        _directory.Write("control.sock", "mine");

        var refusal = await Assert.ThrowsAsync<NetException>(() => ClaimAsync(SocketPath));

        Assert.EndsWith("a file that is not a socket is in its place; move it away, or choose another path", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(SocketPath));
    }

    [Fact]
    public async Task A_missing_directory_is_named()
    {
        var path = Path.Combine(_directory.Path, "missing", "control.sock");

        var refusal = await Assert.ThrowsAsync<NetException>(() => ClaimAsync(path));

        Assert.Equal($"Control socket [{path}] cannot be made: its directory [{Path.GetDirectoryName(path)}] does not exist; make it, or choose another path", refusal.Message);
    }

    [Fact]
    public async Task A_path_longer_than_a_socket_name_serves_too()
    {
        var directory = Directory.CreateDirectory(_directory.File(new string('d', 120))).FullName;
        var path = Path.Combine(directory, "control.sock");
        await using var control = await RunningControl.StartAsync(_ => new ControlServiceOptions { Path = path }, null, FakeCommand.Of("count", "1"));

        Assert.True(File.Exists(path));
        var answers = new ControlClient(path).RunAsync("count", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(1, await answers.CountAsync(TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<NetException>(() => ClaimAsync(path));
    }

    [Fact]
    public async Task The_file_goes_with_its_server_and_that_of_another_stays()
    {
        (await ClaimAsync(SocketPath)).Dispose();
        Assert.False(File.Exists(SocketPath));

        var first = await ClaimAsync(SocketPath);
        File.Delete(SocketPath);
        using var second = await ClaimAsync(SocketPath);
        first.Dispose();

        await ConnectAsync(SocketPath);
    }

    [Fact]
    public async Task Whoever_does_not_need_the_socket_runs_without_and_says_so()
    {
        using var other = await ClaimAsync(SocketPath);
        await using var control = await RunningControl.StartAsync(_ => new ControlServiceOptions { Path = SocketPath, IsRequired = false }, null, FakeCommand.Echo());

        Assert.False(control.Service.IsListening);
        await control.Log.FindAsync(text => text.EndsWith("has it; stop that one, or choose another path; the server runs without, so nobody can ask for its status", StringComparison.Ordinal));
    }

    private static Task<ControlSocket> ClaimAsync(string path) => ControlSocket.ClaimAsync(path, TimeProvider.System, TestContext.Current.CancellationToken);

    private static async Task ConnectAsync(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
    }

    /// <summary>What a server leaves that was killed.</summary>
    private static void LeaveStale(string path)
    {
        using var socket = FileCalls.NewSocket();
        Assert.True(FileCalls.TryBind(socket, System.Text.Encoding.UTF8.GetBytes(path)), Marshal.GetLastPInvokeErrorMessage());
    }
}
