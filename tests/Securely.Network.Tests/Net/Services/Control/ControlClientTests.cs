using System.Net.Sockets;
using System.Text;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net;

public sealed class ControlClientTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Hangs => $"The server on [{SocketPath}] has not answered within 10 s; it hangs or the machine is overloaded";

    private string SocketPath => _directory.File("control.sock");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Gives_the_answers_as_they_come()
    {
        var second = new TaskCompletionSource();
        await using var control = await RunningControl.StartAsync(new FakeCommand("two", (request, _) => TwoAsync(request.GetProperty("name").GetString()!, second.Task)));

        var answers = control.Client().RunAsync("two", json => json.WriteString("name", "a\"b")).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await answers.MoveNextAsync());
        Assert.Equal("a\"b", answers.Current.GetString());
        second.SetResult();
        Assert.True(await answers.MoveNextAsync());
        Assert.Equal(2, answers.Current.GetInt32());
        Assert.False(await answers.MoveNextAsync());
        await answers.DisposeAsync();
    }

    [Fact]
    public async Task Leaving_the_answers_ends_the_command()
    {
        var (asked, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var control = await RunningControl.StartAsync(FakeCommand.Waiting(asked, left));
        using var leaving = new CancellationTokenSource();

        var answers = control.Client().RunAsync("wait", cancellationToken: leaving.Token).CountAsync(CancellationToken.None);
        await asked.Task.WaitAsync(TestWorkers.Patience);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await answers);
        await left.Task.WaitAsync(TestWorkers.Patience);
    }

    [Fact]
    public async Task Without_a_file_there_is_no_server()
    {
        var failure = await FailureAsync(new ControlClient(SocketPath));

        Assert.Equal((ControlFailure.NoSocket, $"No server runs with the control socket [{SocketPath}]"), failure);
    }

    [Fact]
    public async Task A_file_that_nobody_listens_on_is_left_from_a_dead_server()
    {
        using (var socket = FileCalls.NewSocket())
            Assert.True(FileCalls.TryBind(socket, Encoding.UTF8.GetBytes(SocketPath)));

        var failure = await FailureAsync(new ControlClient(SocketPath));

        Assert.Equal((ControlFailure.NotRunning, $"No server runs: the control socket [{SocketPath}] is left from one that has died"), failure);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_hangs()
    {
        using var silent = Listen();
        var time = new ManualTimeProvider();

        var failing = FailureAsync(new ControlClient(SocketPath, time));
        using var accepted = await silent.AcceptAsync(TestContext.Current.CancellationToken);
        await accepted.ReceiveAsync(new byte[1024], TestContext.Current.CancellationToken);

        Assert.Equal((ControlFailure.TimedOut, Hangs), await PassTimeAsync(time, failing));
    }

    [Fact]
    public async Task A_server_that_takes_nobody_hangs()
    {
        using var full = Listen(backlog: 0);
        using var queued = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await queued.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        var time = new ManualTimeProvider();

        Assert.Equal((ControlFailure.TimedOut, Hangs), await PassTimeAsync(time, FailureAsync(new ControlClient(SocketPath, time))));
    }

    [Fact]
    public async Task A_server_whose_queue_is_full_for_a_moment_is_waited_for()
    {
        using var full = Listen(backlog: 0);
        using var queued = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await queued.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));

        var failing = FailureAsync(new ControlClient(SocketPath));
        (await full.AcceptAsync(TestContext.Current.CancellationToken)).Dispose();
        using var accepted = await full.AcceptAsync(TestContext.Current.CancellationToken);
        await accepted.SendAsync(RunningControl.Frame("""{"version":1,"answer":"error","code":"busy","message":"Later"}"""), TestContext.Current.CancellationToken);

        Assert.Equal((ControlFailure.Refused, "Later"), await failing);
    }

    [Theory]
    [InlineData("""{"version":2,"answer":"accepted"}""", ControlFailure.VersionMismatch, "The server on [SOCKET] speaks version [2] of the control protocol, this program version [1]; use the program that the server runs")]
    [InlineData("""{"version":2,"answer":"error","code":"version","message":"Speak [2]"}""", ControlFailure.VersionMismatch, "Speak [2]")]
    [InlineData("""{"version":1,"answer":"error","code":"busy","message":"Later"}""", ControlFailure.Refused, "Later")]
    [InlineData("""{"version":1,"answer":"what"}""", ControlFailure.Broken, "What listens on [SOCKET] sent an answer that is none")]
    [InlineData("""nothing""", ControlFailure.Broken, "What listens on [SOCKET] does not speak the control protocol: A message is not JSON")]
    [InlineData(null, ControlFailure.Broken, "The server on [SOCKET] went away before it had answered")]
    public async Task Tells_apart_what_a_server_may_answer(string? answer, ControlFailure failure, string message)
    {
        using var server = Listen();
        var failing = FailureAsync(new ControlClient(SocketPath));
        using (var accepted = await server.AcceptAsync(TestContext.Current.CancellationToken))
        {
            await accepted.ReceiveAsync(new byte[1024], TestContext.Current.CancellationToken);
            if (answer is not null)
                await accepted.SendAsync(RunningControl.Frame(answer), TestContext.Current.CancellationToken);
        }

        Assert.Equal((failure, message.Replace("SOCKET", SocketPath, StringComparison.Ordinal)), await failing);
    }

    /// <summary>Lets ten seconds pass as often as something waits for them.</summary>
    private static async Task<T> PassTimeAsync<T>(ManualTimeProvider time, Task<T> task)
    {
        while (!task.IsCompleted)
        {
            await Task.WhenAny(task, time.WaitForTimersAsync());
            time.Advance(TimeSpan.FromSeconds(10));
        }

        return await task;
    }

    private static async Task<(ControlFailure Failure, string Message)> FailureAsync(ControlClient client)
    {
        var failure = await Assert.ThrowsAsync<ControlException>(async () => await client.RunAsync("status").CountAsync(TestContext.Current.CancellationToken));
        return (failure.Failure, failure.Message);
    }

    private static async IAsyncEnumerable<string> TwoAsync(string name, Task second)
    {
        yield return System.Text.Json.JsonSerializer.Serialize(name);
        await second;
        yield return "2";
    }

    private Socket Listen(int backlog = 8)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(SocketPath));
        socket.Listen(backlog);
        return socket;
    }
}
