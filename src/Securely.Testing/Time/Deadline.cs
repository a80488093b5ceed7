using System.Globalization;
using Xunit;

namespace Securely.Testing;

/// <summary>Bounds waits by real time, so that a test which waits for something that never comes fails with its name and does not hang.</summary>
/// <remarks>A wait also ends with the test that runs it: every bound is linked to the cancellation of the current test.</remarks>
internal static class Deadline
{
    /// <summary>What one read, write or connect of a test tool may take.</summary>
    public static readonly TimeSpan Transfer = TimeSpan.FromSeconds(10);

    /// <summary>What the arrival of a phase, a timer or a process may take.</summary>
    public static readonly TimeSpan Phase = TimeSpan.FromSeconds(30);

    /// <summary>Waits for <paramref name="task"/>, which goes on when the limit has passed.</summary>
    public static async Task AwaitAsync(Task task, TimeSpan limit, Func<string> what)
    {
        try
        {
            await task.WaitAsync(limit, TimeProvider.System, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw Missed(limit, what());
        }
    }

    /// <summary>Waits for <paramref name="task"/>, which goes on when the limit has passed.</summary>
    public static async Task<T> AwaitAsync<T>(Task<T> task, TimeSpan limit, Func<string> what)
    {
        await AwaitAsync((Task)task, limit, what);
        return await task;
    }

    /// <summary>Runs <paramref name="operation"/> with a token that ends it when the limit has passed or <paramref name="cancellationToken"/> ends.</summary>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> operation, TimeSpan limit, Func<string> what, CancellationToken cancellationToken)
    {
        using var bound = new CancellationTokenSource(limit, TimeProvider.System);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken, TestContext.Current.CancellationToken);
        try
        {
            return await operation(linked.Token);
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested)
        {
            throw Missed(limit, what());
        }
    }

    private static TimeoutException Missed(TimeSpan limit, string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Waited {limit.TotalSeconds} s for {what}"));
}
