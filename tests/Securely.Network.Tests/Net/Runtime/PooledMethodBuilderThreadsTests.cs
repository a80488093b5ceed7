using System.Runtime.CompilerServices;
using Securely.Net;

namespace Securely.Network.Tests.Net.Runtime;

public sealed class PooledMethodBuilderThreadsTests
{
    [Fact]
    public async Task Works_off_workers_and_across_threads()
    {
        var values = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () => await HopAsync(i))));
        Assert.Equal(Enumerable.Range(1, 200), values);
    }

    [Fact]
    public async Task Off_workers_an_end_on_another_thread_is_not_lost_when_it_is_awaited_at_the_same_moment()
    {
        const int Rounds = 50_000;
        var race = new Race(Rounds);
        var awaiting = Task.Factory.StartNew(race.Await, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var ending = Task.Factory.StartNew(race.End, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAll(awaiting, ending);
        await race.Seen.WaitAsync(TestWorkers.Patience, TestContext.Current.CancellationToken);
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private static async ValueTask<int> HopAsync(int value)
    {
        await Task.Yield();
        var more = await Task.Run(() => 1).ConfigureAwait(false);
        await Task.Yield();
        return value + more;
    }

    /// <summary>Two threads that meet in every round: one awaits the method that the other ends.</summary>
    private sealed class Race
    {
        private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Gate _gate = new();
        private readonly int _rounds;
        private int _left;
        private int _begun;
        private int _ended;

        internal Race(int rounds) => _left = _rounds = rounds;

        internal Task Seen => _seen.Task;

        internal void Await()
        {
            for (var round = 1; round <= _rounds; round++)
            {
                var awaiter = AwaiterOf(PassAsync(_gate));
                Volatile.Write(ref _begun, round);
                CountWhenEnded(awaiter);
                WaitFor(ref _ended, round);
            }
        }

        internal void End()
        {
            for (var round = 1; round <= _rounds; round++)
            {
                WaitFor(ref _begun, round);
                _gate.Open();
                Volatile.Write(ref _ended, round);
            }
        }

        private static void WaitFor(ref int counter, int round)
        {
            var spin = default(SpinWait);
            while (Volatile.Read(ref counter) < round)
                spin.SpinOnce(sleep1Threshold: -1);
        }

        [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
        private static async ValueTask<int> PassAsync(Gate gate)
        {
            await gate;
            return 3;
        }

        private static ValueTaskAwaiter<int> AwaiterOf(ValueTask<int> task) => task.GetAwaiter();

        private void CountWhenEnded(ValueTaskAwaiter<int> awaiter) => awaiter.UnsafeOnCompleted(() =>
        {
            if (awaiter.GetResult() == 3 && Interlocked.Decrement(ref _left) == 0)
                _seen.SetResult();
        });
    }

    /// <summary>Suspends the one method that awaits it until it is opened, which may be on another thread once the method is known to be there.</summary>
    private sealed class Gate : ICriticalNotifyCompletion
    {
        private Action? _continuation;

        public bool IsCompleted => false;

        public Gate GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation) => _continuation = continuation;

        internal void Open() => _continuation!();
    }
}
