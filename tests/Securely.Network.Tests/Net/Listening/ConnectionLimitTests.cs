using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Listening;

/// <summary>Who gets in, and who gives way, when there is no room. Each address of the loopback is a peer.</summary>
public sealed class ConnectionLimitTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task The_heaviest_peer_is_refused_when_there_is_no_room(int threads)
    {
        await using var stage = await LimitStage.StartAsync(maximum: 2, threads);
        using var first = await stage.EnterAsync(1);
        using var second = await stage.EnterAsync(1);

        using var third = await stage.ConnectAsync(1);

        await LimitStage.AssertClosedAsync(third);
        await LimitStage.PingAsync(first, second);
        Assert.Equal((2, 1, 0), stage.Figures);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_lighter_peer_takes_the_place_of_the_heaviest_ones_oldest_idle_connection(int threads)
    {
        await using var stage = await LimitStage.StartAsync(maximum: 4, threads);
        using var first = await stage.EnterAsync(1);
        using var second = await stage.EnterAsync(1);
        using var third = await stage.EnterAsync(1);
        using var other = await stage.EnterAsync(2);

        using var newcomer = await stage.EnterAsync(3);
        await LimitStage.AssertClosedAsync(first);
        using var further = await stage.EnterAsync(3);
        await LimitStage.AssertClosedAsync(second);

        await LimitStage.PingAsync(third, other, newcomer, further);
        Assert.Equal((4, 0, 2), stage.Figures);
    }

    [Fact]
    public async Task A_peer_that_holds_as_many_as_the_heaviest_is_refused()
    {
        await using var stage = await LimitStage.StartAsync(maximum: 2);
        using var first = await stage.EnterAsync(1);
        using var second = await stage.EnterAsync(2);

        using var third = await stage.ConnectAsync(2);

        await LimitStage.AssertClosedAsync(third);
        await LimitStage.PingAsync(first, second);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_busy_connection_gives_way_to_nobody(int threads)
    {
        await using var stage = await LimitStage.StartAsync(maximum: 3, threads);
        using var busy = await stage.EnterAsync(1);
        await stage.HoldAsync(busy);
        using var idle = await stage.EnterAsync(1);
        using var last = await stage.EnterAsync(1);
        await stage.HoldAsync(last);

        using var newcomer = await stage.EnterAsync(2);
        await LimitStage.AssertClosedAsync(idle);
        using var refused = await stage.ConnectAsync(2);
        await LimitStage.AssertClosedAsync(refused);

        stage.Release();
        await LimitStage.AssertReceivesAsync(busy, "h");
        await LimitStage.AssertReceivesAsync(last, "h");
        await LimitStage.PingAsync(busy, last, newcomer);
        Assert.Equal((3, 1, 1), stage.Figures);
    }

    [Fact]
    public async Task Where_the_heaviest_peer_is_all_busy_the_next_one_gives_way()
    {
        await using var stage = await LimitStage.StartAsync(maximum: 3);
        using var first = await stage.EnterAsync(1);
        using var second = await stage.EnterAsync(1);
        await stage.HoldAsync(first);
        await stage.HoldAsync(second);
        using var idle = await stage.EnterAsync(2);

        using var newcomer = await stage.EnterAsync(3);

        await LimitStage.AssertClosedAsync(idle);
        stage.Release();
        await LimitStage.AssertReceivesAsync(first, "h");
    }

    [Fact]
    public async Task What_has_been_in_use_since_is_younger_than_what_has_not()
    {
        await using var stage = await LimitStage.StartAsync(maximum: 3);
        using var first = await stage.EnterAsync(1);
        using var second = await stage.EnterAsync(1);
        using var third = await stage.EnterAsync(1);
        await stage.HoldAsync(first);
        using var newcomer = await stage.EnterAsync(2);
        await LimitStage.AssertClosedAsync(second);
        stage.Release();
        await LimitStage.AssertReceivesAsync(first, "h");

        newcomer.Dispose();
        await stage.WhenCountIsAsync(2);
        using var next = await stage.EnterAsync(2);
        using var further = await stage.EnterAsync(3);

        await LimitStage.AssertClosedAsync(third);
        await LimitStage.PingAsync(first, next, further);
    }

    [Fact]
    public async Task A_connection_that_has_not_received_its_request_gives_way_when_none_is_idle()
    {
        await using var stage = await LimitStage.StartAsync(maximum: 2);
        using var first = await stage.EnterAsync(1);
        await stage.BeginAsync(first);
        using var second = await stage.EnterAsync(1);
        await stage.HoldAsync(second);

        using var newcomer = await stage.EnterAsync(2);

        await LimitStage.AssertClosedAsync(first);
        stage.Release();
        await LimitStage.AssertReceivesAsync(second, "h");
    }

    [Fact]
    public async Task An_idle_connection_gives_way_before_one_whose_request_has_begun()
    {
        await using var stage = await LimitStage.StartAsync(maximum: 2);
        using var begun = await stage.EnterAsync(1);
        await stage.BeginAsync(begun);
        using var idle = await stage.EnterAsync(1);

        using var newcomer = await stage.EnterAsync(2);

        await LimitStage.AssertClosedAsync(idle);
        await begun.SendAsync("x"u8.ToArray());
        await LimitStage.AssertReceivesAsync(begun, "bx");
    }

    [Fact]
    public async Task A_connection_on_which_something_has_just_arrived_stays()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var waiting = await workers.RunAsync(() => connection.WaitReadableAsync().AsTask());
        // The kernel has the byte, and the worker is too busy to have been told of it.
        Assert.False(await workers.RunAsync(() => peer.Send("x"u8) == 1 && ((SocketConnection)connection).TryDisplace()));
        Assert.True(await waiting.WaitAsync(TestWorkers.Patience));
        peer.Dispose();
    }

    [Fact]
    public async Task A_connection_that_waits_is_told_that_it_does_so_in_vain()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        Assert.False(await workers.RunAsync(() => ((SocketConnection)connection).TryDisplace()));
        var waiting = await workers.RunAsync(() => connection.WaitReadableAsync().AsTask());
        Assert.True(await workers.RunAsync(() => ((SocketConnection)connection).TryDisplace()));
        Assert.False(await waiting.WaitAsync(TestWorkers.Patience));
        peer.Dispose();
    }

    [Fact]
    public async Task Room_that_is_given_back_is_there_for_everybody()
    {
        await using var stage = await LimitStage.StartAsync(maximum: 2);
        using var first = await stage.EnterAsync(1);
        using var second = await stage.EnterAsync(1);
        first.Dispose();
        await stage.WhenCountIsAsync(1);

        using var third = await stage.EnterAsync(1);

        await LimitStage.PingAsync(second, third);
        Assert.Equal((2, 0, 0), stage.Figures);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Counts_stay_exact_whatever_comes_and_goes(int threads)
    {
        await using var stage = await LimitStage.StartAsync(maximum: 20, threads);
        var random = new Random(7);
        var clients = new List<Socket>();
        for (var i = 0; i < 600; i++)
        {
            if (clients.Count > 0 && random.Next(3) == 0)
            {
                var gone = clients[random.Next(clients.Count)];
                clients.Remove(gone);
                gone.Dispose();
                continue;
            }

            var client = await stage.ConnectAsync(1 + random.Next(12));
            clients.Add(client);
            await client.SendAsync(random.Next(4) == 0 ? "b"u8.ToArray() : "x"u8.ToArray());
            Assert.InRange(stage.Limit.Count, 0, 20);
            if (i % 20 == 0)
                await stage.SettleAsync();
        }

        clients.ForEach(client => client.Dispose());
        await stage.WhenCountIsAsync(0);
        Assert.True(stage.Limit.Displaced + stage.Limit.Refused > 0);
        // Everybody can come again, so nothing is left of anybody.
        var again = new List<Socket>();
        for (var i = 0; i < 20; i++)
            again.Add(await stage.EnterAsync(5));
        again.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_limit_that_becomes_smaller_lets_stay_who_is_there()
    {
        await using var stage = await LimitStage.StartAsync(maximum: 3);
        using var first = await stage.EnterAsync(1);
        using var second = await stage.EnterAsync(1);
        using var third = await stage.EnterAsync(2);

        stage.Limit.Maximum = 1;
        using var refused = await stage.ConnectAsync(1);

        await LimitStage.AssertClosedAsync(refused);
        await LimitStage.PingAsync(first, second, third);
        Assert.Throws<ArgumentOutOfRangeException>(() => stage.Limit.Maximum = 0);
    }

    [Fact]
    public async Task One_line_a_second_says_that_there_is_no_room_and_who_takes_most()
    {
        var time = new ManualTimeProvider();
        await using var stage = await LimitStage.StartAsync(maximum: 2, time: time);
        using var first = await stage.EnterAsync(1);
        using var second = await stage.EnterAsync(1);
        for (var i = 0; i < 5; i++)
            await stage.RefuseAsync(1);
        time.Advance(TimeSpan.FromSeconds(1));
        await stage.RefuseAsync(1);

        Assert.Equal(
            [
                "The limit of [2] connections is reached: 1 have been refused or have made room since the last such line; peer [127.0.0.1] holds most, 2",
                "The limit of [2] connections is reached: 5 have been refused or have made room since the last such line; peer [127.0.0.1] holds most, 2",
            ],
            stage.Log.Of(LogLevel.Warning));
    }

    [Theory]
    [InlineData(1_024, 896)]
    [InlineData(20_000, 17_500)]
    [InlineData(1_048_576, 917_504)]
    [InlineData(256, 128)]
    [InlineData(64, 16)]
    [InlineData(long.MaxValue, int.MaxValue)]
    public void The_default_leaves_some_of_the_open_files_to_everything_else(long files, int maximum) => Assert.Equal(maximum, ConnectionLimit.Derive(files));

    [Fact]
    public void The_default_is_that_of_this_process() => Assert.InRange(ConnectionLimit.DefaultMaximum, 16, int.MaxValue);
}
