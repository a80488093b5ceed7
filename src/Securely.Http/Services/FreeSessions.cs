using System.Diagnostics.CodeAnalysis;

namespace Securely.Http;

/// <summary>The session objects of one worker that serve no connection now. Endpoints with settings of their own have sessions of their own.</summary>
/// <typeparam name="TSession">The sessions of one version of HTTP.</typeparam>
internal sealed class FreeSessions<TSession>
    where TSession : ServerSession
{
    private const int Most = 256;

    private Shelf[] _shelves = [];

    internal bool TryTake(HttpEndpointSettings settings, [NotNullWhen(true)] out TSession? session)
    {
        foreach (var shelf in _shelves)
        {
            if (ReferenceEquals(shelf.Settings, settings))
                return shelf.Sessions.TryPop(out session);
        }

        session = null;
        return false;
    }

    internal void Add(TSession session)
    {
        foreach (var shelf in _shelves)
        {
            if (!ReferenceEquals(shelf.Settings, session.Settings))
                continue;
            if (shelf.Sessions.Count < Most)
                shelf.Sessions.Push(session);
            return;
        }

        var added = new Shelf(session.Settings, new Stack<TSession>());
        added.Sessions.Push(session);
        _shelves = [.. _shelves, added];
    }

    private readonly record struct Shelf(HttpEndpointSettings Settings, Stack<TSession> Sessions);
}
