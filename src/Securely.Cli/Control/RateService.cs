using Securely.Net;

namespace Securely.Cli;

/// <summary>
/// Lets samplers note their counts once a second, on a worker of its own: its thread sleeps in the kernel in between, where a timer of the thread
/// pool would keep several threads awake.
/// </summary>
internal sealed class RateService(params IReadOnlyList<RateSampler> samplers) : IService
{
    public string Name => "rates";

    public int? Threads => 1;

    public async Task RunAsync(ServiceContext context, CancellationToken shutdown)
    {
        context.Workers.Start();
        var worker = context.Workers.Workers[0];
        WorkerTimer timer = null!;
        timer = new WorkerTimer(_ => Tick(), null);
        await worker.RunAsync(() =>
        {
            timer.Set(worker, RateSampler.Interval);
            return default;
        });
        context.MarkReady();
        await Task.Delay(Timeout.InfiniteTimeSpan, context.Time, shutdown).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        void Tick()
        {
            foreach (var sampler in samplers)
                sampler.Take();
            timer.Set(worker, RateSampler.Interval);
        }
    }
}
