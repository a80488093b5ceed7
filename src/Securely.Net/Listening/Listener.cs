using System.Net.Sockets;

namespace Securely.Net;

/// <summary>One listening endpoint of a service; every worker accepts on its socket.</summary>
internal sealed class Listener(ListeningService service, string address, Socket socket, int acceptsPerWake, object? settings)
{
    internal string Address { get; } = address;

    internal Socket Socket { get; } = socket;

    /// <summary>How many connections one worker takes before it looks at its other events, and before the other workers have their chance.</summary>
    internal int AcceptsPerWake { get; } = acceptsPerWake;

    internal void OnAccepted(in AcceptedSocket accepted) => service.OnAccepted(accepted, settings);

    internal void OnAcceptFailed(SocketError error) => service.OnAcceptFailed(Address, error);
}
