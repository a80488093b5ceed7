using System.Net;

namespace Securely.Net;

/// <summary>What a listener does at one moment.</summary>
/// <param name="Address">The address that it was given; a port 0 is the real port here.</param>
/// <param name="EndPoint">Where it listens.</param>
/// <param name="Connections">How many connections are open that it has accepted.</param>
public sealed record ListenerStatus(string Address, EndPoint EndPoint, int Connections);
