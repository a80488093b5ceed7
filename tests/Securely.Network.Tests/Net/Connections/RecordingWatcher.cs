using System.Threading.Channels;
using Securely.Net;

namespace Securely.Network.Tests.Net.Connections;

/// <summary>Keeps what a connection tells its watcher.</summary>
internal sealed class RecordingWatcher : IConnectionWatcher
{
    private readonly Channel<bool> _told = Channel.CreateUnbounded<bool>();

    internal int Count { get; private set; }

    public void OnInput(Connection connection, bool ended)
    {
        Assert.Same(connection.Worker, Worker.Current);
        Count++;
        _told.Writer.TryWrite(ended);
    }

    /// <summary>What it is told first, or has been: whether the peer has ended.</summary>
    internal Task<bool> FirstAsync() => _told.Reader.ReadAsync().AsTask().WaitAsync(TestWorkers.Patience);

    /// <summary>Ends when it is told of an end, whatever comes before.</summary>
    internal async Task EndAsync()
    {
        while (!await FirstAsync())
        {
            // Stray bytes may be announced more than once.
        }
    }
}
