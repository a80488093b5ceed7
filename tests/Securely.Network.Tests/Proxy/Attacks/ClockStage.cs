using System.Net;
using Securely.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>A stage for one test, with a clock that stands still between its steps.</summary>
internal sealed class ClockStage : AttackStage
{
    private HttpTimeouts _timeouts = HttpTimeouts.Default;
    private PeerOptions _peer = PeerOptions.Default;

    public ManualTimeProvider Clock { get; } = new();

    internal override TimeProvider Time => Clock;

    internal override ProxyServiceOptions Options => new() { Timeouts = _timeouts };

    public static async Task<ClockStage> StartAsync(HttpTimeouts? timeouts = null, PeerOptions? peer = null)
    {
        var stage = new ClockStage { _timeouts = timeouts ?? HttpTimeouts.Default, _peer = peer ?? PeerOptions.Default };
        await stage.InitializeAsync();
        return stage;
    }

    /// <summary>Connects a client that is the only one beside the bystander, and waits until the worker has it.</summary>
    public async Task<RawClient> ConnectAloneAsync(Transport transport, int? receiveBuffer = null)
    {
        var client = await ConnectAsync(transport, receiveBuffer);
        while (Host.Worker.ConnectionCount < 2)
            await Task.Yield();
        await SettleAsync();
        return client;
    }

    /// <summary>Lets time pass and the worker do what is due then.</summary>
    public async Task PassAsync(TimeSpan span)
    {
        await SettleAsync();
        Clock.Advance(span);
        await SettleAsync();
    }

    /// <summary>Lets time pass step by step until something is due; it ends then and not before.</summary>
    public async Task<T> EndsAsync<T>(Task<T> ending, TimeSpan due, TimeSpan step, Func<Task>? each = null)
    {
        for (var passed = step; passed < due; passed += step)
        {
            await PassAsync(step);
            Assert.False(ending.IsCompleted, $"It has ended after {passed}");
            if (each is not null)
                await each();
        }

        await PassAsync(step);
        return await ending;
    }

    internal override AttackedProxy CreateProxy(EndPoint origin) => new(new HttpPeer(origin) { Options = _peer });
}
