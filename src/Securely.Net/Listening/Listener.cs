using System.Net;
using System.Net.Sockets;

namespace Securely.Net;

/// <summary>One listening endpoint of a service; every worker accepts on its socket.</summary>
internal sealed class Listener(ListeningService service, string address, Socket socket, int acceptsPerWake)
{
    /// <summary>How long a worker leaves a socket alone on which it cannot accept.</summary>
    internal static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    // Touched by every worker, when a connection begins and when it ends.
    private int _connections;

    internal string Address { get; } = address;

    internal Socket Socket { get; } = socket;

    /// <summary>Kept, because a closed socket no longer knows it.</summary>
    internal EndPoint EndPoint { get; } = socket.LocalEndPoint!;

    /// <summary>How many of its connections are open.</summary>
    internal int Connections => Volatile.Read(ref _connections);

    /// <summary>How many connections one worker takes before it looks at its other events, and before the other workers have their chance.</summary>
    internal int AcceptsPerWake { get; } = acceptsPerWake;

    /// <summary>Whether the kernel notes when bytes arrive on its connections.</summary>
    internal bool IsTimestamped { get; init; }

    /// <summary>What its connections have as <see cref="Connection.EndpointSettings"/>.</summary>
    internal object? Settings { get; init; }

    /// <summary>How it speaks TLS; null for plain connections.</summary>
    internal ServerTls? Tls { get; init; }

    internal void OnAccepted(in AcceptedSocket accepted) => service.OnAccepted(accepted, this);

    internal void Add() => Interlocked.Increment(ref _connections);

    /// <returns>How many are left.</returns>
    internal int Remove() => Interlocked.Decrement(ref _connections);

    internal void OnAcceptFailed(SocketError error) => service.OnAcceptFailed(Address, error);
}
