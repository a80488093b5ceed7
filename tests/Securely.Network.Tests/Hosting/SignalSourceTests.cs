using System.Runtime.InteropServices;
using Securely.Hosting;

namespace Securely.Network.Tests.Hosting;

public sealed partial class SignalSourceTests
{
    private const int HangUp = 1;
    private const int User1 = 10;

    [Theory]
    [InlineData(HangUp, ServerSignal.HangUp)]
    [InlineData(User1, ServerSignal.User1)]
    public async Task Takes_the_signals_of_the_process(int number, ServerSignal expected)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Signal numbers differ elsewhere");
        var received = new TaskCompletionSource<ServerSignal>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = new SignalSource().Subscribe(s => received.TrySetResult(s));

        Assert.Equal(0, Kill(Environment.ProcessId, number));
        Assert.Equal(expected, await received.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
