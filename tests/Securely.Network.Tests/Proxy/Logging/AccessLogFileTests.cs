using System.Runtime.InteropServices;
using Securely.Network.Tests.Hosting;
using Securely.Network.Tests.Net;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Logging;

/// <summary>Files that move, disks that are full, readers that stop reading.</summary>
public sealed partial class AccessLogFileTests
{
    private const string Health = "GET /health HTTP/1.1\r\nHost: app.test\r\n\r\n";

    [Fact]
    public async Task A_file_that_was_moved_is_noticed_and_one_that_is_announced_at_once()
    {
        var time = new ManualTimeProvider();
        await using var proxy = await LoggedProxy.StartAsync("127.0.0.1:1", new AccessLogOptions { Path = "", Fields = ["path"] }, time);
        await proxy.LogAsync(Health);
        File.Move(proxy.Path, proxy.Path + ".1");
        // Within the second nobody looks.
        await proxy.LogAsync(Health);
        Assert.Equal(2, File.ReadAllLines(proxy.Path + ".1").Length);
        time.Advance(TimeSpan.FromSeconds(1));
        await proxy.LogAsync(Health);
        Assert.Single(File.ReadAllLines(proxy.Path));
        File.Move(proxy.Path, proxy.Path + ".2");
        Assert.Equal(proxy.Path, await proxy.Log.ReopenAsync(TestContext.Current.CancellationToken));
        await proxy.LogAsync(Health);
        Assert.Single(File.ReadAllLines(proxy.Path));
        Assert.Single(File.ReadAllLines(proxy.Path + ".2"));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(proxy.Path));
    }

    [Fact]
    public async Task Two_logs_may_share_a_file_as_two_processes_do()
    {
        await using var first = await LoggedProxy.StartAsync("127.0.0.1:1", new AccessLogOptions { Path = "", Fields = ["path"] });
        await using var second = await LoggedProxy.StartAsync("127.0.0.1:1", new AccessLogOptions { Path = first.Path, Fields = ["path"] });
        for (var i = 0; i < 50; i++)
        {
            await first.LogAsync(Health);
            await second.LogAsync(Health);
        }

        Assert.Equal(100, first.Read().Count(line => line == "{\"path\":\"/health\"}"));
    }

    [Fact]
    public async Task A_full_disk_costs_lines_that_are_counted_and_said()
    {
        await using var proxy = await LoggedProxy.StartAsync("127.0.0.1:1", new AccessLogOptions { Path = "/dev/full", Fields = ["path"] });
        for (var i = 0; i < 10; i++)
            Assert.Equal(200, (await proxy.SendAsync(Health)).Status);
        await proxy.Host.ShutDownAsync();
        await proxy.Host.WhenStoppedAsync();
        proxy.Log.Dispose();

        Assert.Equal((0, 10, 0), (proxy.Log.Lines, proxy.Log.DroppedByWrite, proxy.Log.DroppedByQueue));
        Assert.Equal(10, AccessLogTests.Value(proxy.Metrics, "securely_access_log_dropped_total", "{reason=\"write_failed\"}"));
        var said = proxy.Errors.Lines.Where(line => line.StartsWith("Error: Access log [/dev/full] has lost ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(10, said.Sum(line => int.Parse(line.Split(' ')[6], null)));
    }

    [Fact]
    public async Task A_pipe_that_nobody_reads_stops_no_request_and_every_line_is_written_or_counted()
    {
        const int Requests = 8000;
        using var directory = new TemporaryDirectory();
        var path = directory.File("pipe");
        Assert.Equal(0, MakePipe(path, 0x180));
        var time = new ManualTimeProvider();
        await using var proxy = await LoggedProxy.StartAsync("127.0.0.1:1", new AccessLogOptions { Path = path, QueueBytes = 64 * 1024 }, time, threads: 2);
        await Task.WhenAll(PlayAsync(), PlayAsync());

        // The kernel's 64 KiB, the buffer of the thread and two queues are full; the rest was lost and said once: the clock stands still.
        Assert.True(proxy.Log.DroppedByQueue > 0);
        Assert.Single(proxy.Errors.Lines, line => line.StartsWith($"Error: Access log [{path}] has lost ", StringComparison.Ordinal));

        var reading = Task.Run(() => File.ReadLines(path).Take(Requests - (int)proxy.Log.DroppedByQueue).Count(line => line.StartsWith("{\"time\":", StringComparison.Ordinal) && line.EndsWith('}')));
        while (proxy.Log.Lines + proxy.Log.DroppedByQueue < Requests)
            await proxy.Log.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Requests, proxy.Log.Lines + proxy.Log.DroppedByQueue);
        Assert.Equal(proxy.Log.Lines, await reading.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Equal(proxy.Log.DroppedByQueue, AccessLogTests.Value(proxy.Metrics, "securely_access_log_dropped_total", "{reason=\"queue_full\"}"));

        async Task PlayAsync()
        {
            await using var client = await proxy.Host.ConnectAsync();
            for (var i = 0; i < Requests / 2; i++)
                Assert.Equal(200, (await client.ExchangeAsync(Health)).Status);
        }
    }

    [Fact]
    public async Task The_end_does_not_wait_for_ever_for_a_disk_that_takes_nothing()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("pipe");
        Assert.Equal(0, MakePipe(path, 0x180));
        var errors = new RecordedLog();
        var log = new AccessLog(new AccessLogOptions { Path = path }, errors) { Patience = TimeSpan.FromMilliseconds(50) };
        await using (var workers = new TestWorkers())
        {
            var recorder = log.Attach(workers.Group)[0];
            await workers.RunAsync(() =>
            {
                for (var i = 0; i < 5000; i++)
                {
                    var head = new AccessLogHead { Status = 200 };
                    log.Add(recorder, ref head, null, default, null);
                }
            });
        }

        log.Dispose();
        // Half of a megabyte: the pipe has taken its part, the thread waits with the rest.
        Assert.InRange(log.Lines, 0, 4999);
        Assert.Equal(0, log.DroppedByQueue);
        Assert.True(log.FlushAsync(TestContext.Current.CancellationToken).IsCompletedSuccessfully);
        // The thread ends when somebody reads.
        await using var reader = new FileStream(path, FileMode.Open, FileAccess.Read);
        await reader.ReadExactlyAsync(new byte[100_000], TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Standard_output_takes_lines_too()
    {
        using var output = new MemoryStream();
        await using var proxy = await LoggedProxy.StartAsync("127.0.0.1:1", new AccessLogOptions { Path = "-", Fields = ["path"] }, output: output);
        await proxy.SendAsync(Health);
        await proxy.Host.ShutDownAsync();
        await proxy.Host.WhenStoppedAsync();
        proxy.Log.Dispose();
        Assert.Equal("{\"path\":\"/health\"}\n"u8, output.ToArray());
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, uint mode);
}
