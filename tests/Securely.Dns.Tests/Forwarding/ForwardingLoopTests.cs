using Securely.Dns.Tests.Serving;

namespace Securely.Dns.Tests.Forwarding;

/// <summary>Upstreams that ask this server again, and become so while it runs.</summary>
public sealed class ForwardingLoopTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_question_that_waits_for_itself_is_given_up_when_the_loop_is_found(bool isStream)
    {
        var server = new TaskCompletionSource<RunningNameServer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var probed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // It says nothing while the server looks for loops, and asks it whatever it is asked afterwards.
        await using var upstream = ScriptedUpstream.Start(async question =>
        {
            if (!server.Task.IsCompleted)
            {
                probed.TrySetResult();
                return [];
            }

            var answer = await new DnsClient((await server.Task).EndPoint) { Patience = TimeSpan.FromHours(1) }.AskAsync(question.Message);
            return [(answer with { Id = question.Message.Id, Questions = question.Message.Questions }).Encode()];
        });
        await using var running = await RunningForwarder.StartAsync(upstream, options => options with { Timeout = TimeSpan.FromHours(1) });
        await probed.Task.WaitAsync(TimeSpan.FromSeconds(10));
        server.SetResult(running);
        Assert.StartsWith("ServerFailure EDE 0: ", RunningForwarder.Summary(await running.AskAsync("www.example.org", isStream: isStream)), StringComparison.Ordinal);
        Assert.StartsWith("ServerFailure EDE", RunningForwarder.Summary(await running.AskAsync("next.example.org")), StringComparison.Ordinal);
    }
}
