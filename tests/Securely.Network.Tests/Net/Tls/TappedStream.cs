using System.Net.Sockets;

namespace Securely.Network.Tests.Net.Tls;

/// <summary>A client's socket below its TLS: remembers what arrives, and can hold back a part of what is sent.</summary>
internal sealed class TappedStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private readonly List<byte> _received = [];
    private readonly List<byte> _unsent = [];

    internal new Socket Socket => base.Socket;

    /// <summary>The most bytes that are sent at once.</summary>
    internal int MostAtOnce { get; set; } = int.MaxValue;

    /// <summary>Collects what is written from now on instead of sending it.</summary>
    internal bool IsHolding { get; set; }

    /// <summary>The type and the length of each record that has arrived since the last <see cref="Forget"/>.</summary>
    internal IReadOnlyList<(int Type, int Length)> Records
    {
        get
        {
            var records = new List<(int, int)>();
            for (var at = 0; at + 5 <= _received.Count; at += 5 + records[^1].Item2)
                records.Add((_received[at], (_received[at + 3] << 8) | _received[at + 4]));
            return records;
        }
    }

    internal void Forget() => _received.Clear();

    /// <summary>Sends what was held back, but for its last bytes.</summary>
    internal async Task ReleaseAsync(int butLast = 0)
    {
        var count = _unsent.Count - butLast;
        var bytes = _unsent.Take(count).ToArray();
        _unsent.RemoveRange(0, count);
        await base.WriteAsync(bytes);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await base.ReadAsync(buffer, cancellationToken);
        _received.AddRange(buffer.Span[..count]);
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (IsHolding)
        {
            _unsent.AddRange(buffer.Span);
            return;
        }

        for (; buffer.Length > MostAtOnce; buffer = buffer[MostAtOnce..])
            await base.WriteAsync(buffer[..MostAtOnce], cancellationToken);
        await base.WriteAsync(buffer, cancellationToken);
    }
}
