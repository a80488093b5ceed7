namespace Securely.Proxy.LoadBalancing;

/// <summary>One algorithm. Adding one is one class and one test (LB-06).</summary>
public interface ISelection
{
    /// <summary>The name a configuration uses for it, for example <c>round_robin</c>.</summary>
    string Name { get; }

    /// <summary>Prepares choosing among these backends. Called once for each new set, never on a request.</summary>
    /// <param name="backends">The backends of the set, in the order of their <see cref="Backend.Index"/>; never empty.</param>
    ISelector Build(IReadOnlyList<Backend> backends);
}

/// <summary>
/// An algorithm prepared for one set of backends. It proposes; the balancer asks whether the proposal is ready and accepted, skips
/// what it proposed before, and asks for the next. Called by all workers at once, so state is kept per worker or is immutable.
/// </summary>
public interface ISelector
{
    /// <summary>Proposes the next backend of one selection. Must not allocate.</summary>
    /// <param name="key">What the request is hashed on; empty when the algorithm needs none.</param>
    /// <param name="cursor">Where this selection stands; the selector moves it.</param>
    /// <returns>The position of a backend in the set; it may repeat. -1 when every backend has been proposed.</returns>
    int Propose(ReadOnlySpan<byte> key, ref SelectionCursor cursor);
}

/// <summary>Where one selection stands. It lives on the stack of the balancer while a backend is being chosen.</summary>
public struct SelectionCursor
{
    /// <summary>The index of the worker that asks, or -1 outside of a worker.</summary>
    public int Worker { get; init; }

    /// <summary>How often the selector was asked during this selection; the selector counts it up.</summary>
    public int Step { get; set; }

    /// <summary>Whatever the selector wants to remember until its next step: a place in a sequence, a hash, a point on a ring.</summary>
    public long Position { get; set; }
}
