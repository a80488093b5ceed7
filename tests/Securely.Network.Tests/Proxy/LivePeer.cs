using System.Net;
using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>An upstream whose ends of the connections the test plays, in memory and on the stage's worker.</summary>
internal sealed class LivePeer
{
    private readonly List<LiveClient> _ends = [];

    /// <summary>Makes an upstream.</summary>
    /// <param name="time">The clock of the stage.</param>
    /// <param name="options">Its options; defaults when null.</param>
    /// <param name="bufferSize">How much waits in one direction until somebody reads.</param>
    /// <param name="dialled">What every connect waits for.</param>
    public LivePeer(ManualTimeProvider time, PeerOptions? options = null, int bufferSize = 64 * 1024, Task? dialled = null) =>
        Peer = new HttpPeer(new IPEndPoint(IPAddress.Loopback, 1))
        {
            Options = (options ?? new PeerOptions()) with
            {
                Connect = async _ =>
                {
                    var (near, far) = Connection.CreatePair(bufferSize);
                    _ends.Add(new LiveClient(far, time));
                    await (dialled ?? Task.CompletedTask);
                    return near;
                },
            },
        };

    public HttpPeer Peer { get; }

    /// <summary>How many connections were asked for.</summary>
    public int Count => _ends.Count;

    /// <summary>The upstream's end of the n-th connection.</summary>
    public LiveClient this[int index] => _ends[index];
}
