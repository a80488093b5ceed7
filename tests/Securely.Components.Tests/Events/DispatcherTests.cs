using Microsoft.Extensions.Logging;
using Securely.Events;

namespace Securely.Components.Tests.Events;

public sealed class DispatcherTests
{
    private readonly List<string> _log = [];
    private readonly Dispatcher _events = new();

    private interface IMarked;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Runs_exact_then_wildcard_then_interface_listeners()
    {
        _events.Listen<IMarked>(_ => _log.Add("interface"));
        _events.Listen("*", _ => _log.Add("wildcard"));
        _events.Listen<Happened>(happened => _log.Add($"exact {happened.Number}"));
        _events.Listen<Base>(_ => _log.Add("base"));

        await _events.DispatchAsync(new Happened(7), Token);

        Assert.Equal(["exact 7", "wildcard", "interface"], _log);
    }

    [Fact]
    public async Task What_counts_is_the_type_that_an_object_really_has()
    {
        _events.Listen<Happened>(_ => _log.Add("happened"));
        await _events.DispatchAsync<Base>(new Happened(1), Token);
        Assert.Equal(["happened"], _log);
    }

    [Fact]
    public async Task A_name_that_is_that_of_a_type_is_heard_but_is_no_object()
    {
        _events.Listen<Happened>(_ => _log.Add("object"));
        _events.Listen<IMarked>(_ => _log.Add("interface"));
        _events.Listen(EventMessage.NameOf<Happened>(), message => _log.Add($"name {message.Payload.Count}"));

        await _events.DispatchAsync(EventMessage.NameOf<Happened>(), cancellationToken: Token);
        await _events.DispatchAsync(new Happened(1), Token);

        Assert.Equal(["name 0", "object", "name 1", "interface"], _log);
    }

    [Theory]
    [InlineData(ListenerFailure.LogAndContinue, "before,after")]
    [InlineData(ListenerFailure.LogAndStop, "before")]
    public async Task A_failure_may_stay_with_its_listener(ListenerFailure policy, string heard)
    {
        var logged = new Lines();
        var events = new Dispatcher(logged);
        events.Listen("a", Respond("before"));
        events.Listen("a", (_, _) => throw new InvalidOperationException("boom"), new ListenerOptions { OnFailure = policy, Name = "broken" });
        events.Listen("a", Respond("after"));

        var responses = await events.DispatchAsync("a", cancellationToken: Token);

        Assert.Equal(heard, string.Join(',', responses.OfType<string>()));
        Assert.Equal("Listener [broken] of event [a] failed", Assert.Single(logged.Texts));
    }

    [Fact]
    public async Task A_failure_that_stops_is_no_response()
    {
        _events.Listen("a", (_, _) => throw new InvalidOperationException("boom"), new ListenerOptions { OnFailure = ListenerFailure.LogAndStop });
        _events.Listen("a", Respond("after"));
        Assert.Null(await _events.UntilAsync("a", cancellationToken: Token));
    }

    [Fact]
    public async Task A_failure_of_a_plain_listener_is_one_of_the_dispatch()
    {
        _events.Listen("a", (_, _) => throw new InvalidOperationException("boom"));
        _events.Listen("a", _ => _log.Add("after"));

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _events.DispatchAsync("a", cancellationToken: Token));
        Assert.Empty(_log);
    }

    [Fact]
    public async Task Classes_listen_and_respond()
    {
        _events.Listen<Happened, Doubling>();
        _events.Listen<Happened, Doubling>(() => new Doubling { Factor = 10 });

        Assert.Equal([14, 70], (await _events.DispatchAsync(new Happened(7), Token)).Cast<int>());
        Assert.Equal(14, await _events.UntilAsync(new Happened(7), Token));
        Assert.All(_events.Listeners, listener => Assert.EndsWith("+Doubling", listener.Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Queued_listeners_run_when_the_queue_says_so()
    {
        var queue = new Queue();
        var events = new Dispatcher(queue: queue);
        var options = new ListenerQueueOptions { Queue = "mails", Tries = 3, ShouldQueue = message => message.Payload.Count > 0 };
        events.Listen("user.*", message => _log.Add($"mail {message.Payload[0]}"), new ListenerOptions { Name = "mail", Queue = options });
        events.Listen("user.created", _ => _log.Add("at once"));

        await events.DispatchAsync("user.created", ["Ann"], Token);
        await events.DispatchAsync("user.deleted", cancellationToken: Token);
        Assert.Equal(["at once"], _log);

        var call = Assert.Single(queue.Calls);
        Assert.Equal(("mail", "user.created", "mails", 3), (call.Listener, call.Message.Name, call.Options.Queue, call.Options.Tries));
        await events.RunQueuedAsync(call, Token);
        Assert.Equal(["at once", "mail Ann"], _log);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await events.RunQueuedAsync(call with { Listener = "gone" }, Token));
    }

    [Fact]
    public void A_queued_listener_needs_a_queue_and_a_name_of_its_own()
    {
        var queued = new ListenerOptions { Name = "x", Queue = new ListenerQueueOptions() };
        Assert.Throws<InvalidOperationException>(() => _events.Listen("a", _ => { }, queued));

        var events = new Dispatcher(queue: new Queue());
        events.Listen("a", _ => { }, queued);
        Assert.Throws<ArgumentException>(() => events.Listen("b", _ => { }, queued));
        Assert.Throws<ArgumentException>(() => events.Listen("b", _ => { }, queued with { Name = null }));
    }

    [Fact]
    public async Task A_watch_sees_what_listeners_stop_and_what_they_do_not_hear()
    {
        using var watch = _events.Watch("a.*");
        _events.Listen("a.b", (_, _) => ValueTask.FromResult<object?>(false));
        await _events.DispatchAsync("a.b", [1], Token);
        await _events.DispatchAsync("b", [2], Token);
        await _events.DispatchAsync("a.c", [3], Token);
        watch.Dispose();

        Assert.Equal(["a.b", "a.c"], await NamesAsync(watch));
        Assert.DoesNotContain(_events.Listeners, listener => listener.Kind == ListenerKind.Watch);
    }

    [Fact]
    public async Task A_slow_watch_loses_the_oldest_and_counts_them()
    {
        using var watch = _events.Watch("*", capacity: 2);
        foreach (var name in new[] { "a", "b", "c", "d" })
            await _events.DispatchAsync(name, cancellationToken: Token);
        watch.Dispose();

        Assert.Equal(["c", "d"], await NamesAsync(watch));
        Assert.Equal(2, watch.Dropped);
    }

    [Fact]
    public async Task Only_what_the_work_itself_dispatches_is_held_back()
    {
        _events.Listen("*", message => _log.Add(message.Name));
        var inside = new TaskCompletionSource();
        var outside = new TaskCompletionSource();
        var deferring = Task.Run(
            async () => await _events.DeferAsync(
                async token =>
                {
                    await _events.DispatchAsync("inner", cancellationToken: token);
                    inside.SetResult();
                    await outside.Task;
                },
                cancellationToken: Token),
            Token);
        await inside.Task;
        await _events.DispatchAsync("other", cancellationToken: Token);
        outside.SetResult();
        await deferring;

        Assert.Equal(["other", "inner"], _log);
    }

    [Fact]
    public async Task Deferral_inside_deferral_waits_for_the_outer_one()
    {
        _events.Listen("*", message => _log.Add(message.Name));
        await _events.DeferAsync(
            async token =>
            {
                await _events.DeferAsync(async inner => await _events.DispatchAsync("a", cancellationToken: inner), cancellationToken: token);
                _log.Add("end of outer");
            },
            cancellationToken: Token);

        Assert.Equal(["end of outer", "a"], _log);
    }

    [Fact]
    public async Task Many_threads_may_register_and_dispatch()
    {
        var heard = 0;
        await Parallel.ForAsync(0, 200, Token, async (i, token) =>
        {
            _events.Listen($"name.{i}", _ => Interlocked.Increment(ref heard));
            await _events.DispatchAsync($"name.{i}", cancellationToken: token);
        });
        Assert.Equal(200, heard);
    }

    private static EventListener Respond(object? response) => (_, _) => ValueTask.FromResult(response);

    private static async Task<List<string>> NamesAsync(EventWatch watch)
    {
        var names = new List<string>();
        await foreach (var message in watch)
            names.Add(message.Name);
        return names;
    }

    private class Base;

    private sealed class Happened(int number) : Base, IMarked
    {
        public int Number { get; } = number;
    }

    private sealed class Doubling : IEventListener<Happened>
    {
        public int Factor { get; init; } = 2;

        public ValueTask<object?> HandleAsync(Happened message, CancellationToken cancellationToken) => ValueTask.FromResult<object?>(message.Number * Factor);
    }

    private sealed class Queue : IListenerEnqueuer
    {
        public List<QueuedListener> Calls { get; } = [];

        public ValueTask EnqueueAsync(QueuedListener call, CancellationToken cancellationToken)
        {
            Calls.Add(call);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Lines : ILogger<Dispatcher>
    {
        public List<string> Texts { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Texts.Add(formatter(state, exception));
    }
}
