using System.Reflection;
using System.Runtime.CompilerServices;
using Securely.Net;

namespace Securely.Network.Tests.Net.Runtime;

public sealed class PooledMethodBuilderTests
{
    [Fact]
    public async Task Gives_results_with_and_without_suspending()
    {
        await using var workers = new TestWorkers();
        await workers.RunAsync(async () =>
        {
            var gate = new Gate();
            Assert.Equal(3, await AddAsync(gate, 1, 2, suspends: false));
            await EmptyAsync(gate, suspends: false);
            var suspended = AddAsync(gate, 20, 22, suspends: true).AsTask();
            Assert.False(suspended.IsCompleted);
            gate.Open();
            Assert.Equal(42, await suspended);
            var empty = EmptyAsync(gate, suspends: true).AsTask();
            Assert.False(empty.IsCompleted);
            gate.Open();
            await empty;
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Passes_errors_on_with_their_stack(bool suspends)
    {
        await using var workers = new TestWorkers();
        await workers.RunAsync(async () =>
        {
            var gate = new Gate();
            var failing = FailAsync(gate, suspends).AsTask();
            if (suspends)
                gate.Open();
            var error = await Assert.ThrowsAsync<InvalidDataException>(() => failing);
            Assert.Contains(nameof(FailAsync), error.StackTrace, StringComparison.Ordinal);
            var failingWithResult = FailWithResultAsync(gate, suspends).AsTask();
            if (suspends)
                gate.Open();
            error = await Assert.ThrowsAsync<InvalidDataException>(() => failingWithResult);
            Assert.Contains(nameof(FailWithResultAsync), error.StackTrace, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_thousand_suspensions_at_a_time_allocate_nothing_once_warm()
    {
        await using var workers = new TestWorkers();
        var allocated = await workers.RunAsync(() =>
        {
            var gate = new Gate();
            var sum = 0;
            void Round()
            {
                for (var i = 0; i < 1000; i++)
                    Run(LoopAsync(gate, i));
                Expect(gate, 1000);
                gate.Open();
                Expect(gate, 1000);
                gate.Open();
                Expect(gate, 0);
            }

            void Run(ValueTask<int> task)
            {
                // The result is looked at when it has come, without a closure for each.
                gate.Pending.Enqueue(task);
            }

            for (var round = 0; round < 5; round++)
            {
                Round();
                sum = Take(gate);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            Round();
            sum = Take(gate);
            var after = GC.GetAllocatedBytesForCurrentThread();
            Assert.Equal(Enumerable.Range(0, 1000).Sum() + 2000, sum);
            return after - before;
        });
        // A debug build makes an object of every state machine, so that a debugger can find it.
        var isObject = typeof(PooledMethodBuilderTests).GetMethod(nameof(LoopAsync), BindingFlags.NonPublic | BindingFlags.Static)!
            .GetCustomAttribute<AsyncStateMachineAttribute>()!.StateMachineType.IsClass;
        Assert.InRange(allocated, 0, isObject ? 1000 * 96 : 0);
    }

    [Fact]
    public async Task A_result_can_be_taken_once()
    {
        await using var workers = new TestWorkers();
        await workers.RunAsync(() =>
        {
            var gate = new Gate();
            var task = AddAsync(gate, 1, 2, suspends: true);
            gate.Open();
            Assert.Equal(3, TakeNow(task));
            Assert.Throws<InvalidOperationException>(() => TakeNow(task));
        });
    }

    [Fact]
    public async Task Awaiting_twice_at_once_is_refused_and_the_first_awaiter_still_gets_its_result()
    {
        await using var workers = new TestWorkers();
        await workers.RunAsync(async () =>
        {
            var gate = new Gate();
            var task = AddAsync(gate, 1, 2, suspends: true);
            var first = PassOnAsync(task).AsTask();
            await Assert.ThrowsAsync<InvalidOperationException>(() => PassOnAsync(task).AsTask());
            gate.Open();
            Assert.Equal(3, await first);
        });
    }

    [Fact]
    public async Task Asking_for_a_result_too_early_does_not_harm_the_method()
    {
        await using var workers = new TestWorkers();
        await workers.RunAsync(async () =>
        {
            var gate = new Gate();
            var task = AddAsync(gate, 1, 2, suspends: true);
            Assert.Throws<InvalidOperationException>(() => TakeNow(task));
            var other = AddAsync(gate, 30, 40, suspends: true).AsTask();
            gate.Open();
            Assert.Equal(3, TakeNow(task));
            Assert.Equal(70, await other);
        });
    }

    private static void Expect(Gate gate, int waiters)
    {
        if (gate.Waiters != waiters)
            Assert.Fail($"{gate.Waiters} methods wait, not {waiters}");
    }

    private static int Take(Gate gate)
    {
        var sum = 0;
        while (gate.Pending.TryDequeue(out var task))
            sum += TakeNow(task);
        return sum;
    }

#pragma warning disable CA2012 // These tests are about what happens when the rule is broken.
    private static int TakeNow(ValueTask<int> task) => task.GetAwaiter().GetResult();
#pragma warning restore CA2012

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private static async ValueTask<int> PassOnAsync(ValueTask<int> task) => await task;

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private static async ValueTask<int> AddAsync(Gate gate, int a, int b, bool suspends)
    {
        if (suspends)
            await gate;
        return a + b;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private static async ValueTask<int> LoopAsync(Gate gate, int value)
    {
        for (var i = 0; i < 2; i++)
        {
            await gate;
            value++;
        }

        return value;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private static async ValueTask EmptyAsync(Gate gate, bool suspends)
    {
        if (suspends)
            await gate;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private static async ValueTask FailAsync(Gate gate, bool suspends)
    {
        if (suspends)
            await gate;
        throw new InvalidDataException("failed");
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private static async ValueTask<int> FailWithResultAsync(Gate gate, bool suspends)
    {
        if (suspends)
            await gate;
        throw new InvalidDataException("failed");
    }

    /// <summary>Suspends whoever awaits it until it is opened, without an allocation. Opening it from another thread waits for somebody to be there.</summary>
    private sealed class Gate : ICriticalNotifyCompletion
    {
        private readonly object _lock = new();
        private Queue<Action> _waiting = new(1024);
        private Queue<Action> _spare = new(1024);

        internal Queue<ValueTask<int>> Pending { get; } = new(1024);

        internal int Waiters => _waiting.Count;

        public bool IsCompleted => false;

        public Gate GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation)
        {
            lock (_lock)
            {
                _waiting.Enqueue(continuation);
                Monitor.Pulse(_lock);
            }
        }

        internal void Open()
        {
            Queue<Action> open;
            lock (_lock)
            {
                while (_waiting.Count == 0)
                    Assert.True(Monitor.Wait(_lock, TestWorkers.Patience));
                open = _waiting;
                _waiting = _spare;
                _spare = open;
            }

            while (open.TryDequeue(out var continuation))
                continuation();
        }
    }
}
