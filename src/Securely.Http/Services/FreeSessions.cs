using System.Diagnostics.CodeAnalysis;

namespace Securely.Http;

/// <summary>The session objects of one worker that serve no connection now. Endpoints with settings of their own have sessions of their own.</summary>
internal sealed class FreeSessions
{
    private const int Most = 256;

    private Shelf[] _shelves = [];

    internal bool TryTake(HttpEndpointSettings settings, [NotNullWhen(true)] out V1ServerSession? session)
    {
        foreach (var shelf in _shelves)
        {
            if (ReferenceEquals(shelf.Settings, settings))
                return shelf.Sessions.TryPop(out session);
        }

        session = null;
        return false;
    }

    internal void Add(V1ServerSession session)
    {
        foreach (var shelf in _shelves)
        {
            if (!ReferenceEquals(shelf.Settings, session.Settings))
                continue;
            if (shelf.Sessions.Count < Most)
                shelf.Sessions.Push(session);
            return;
        }

        var added = new Shelf(session.Settings, new Stack<V1ServerSession>());
        added.Sessions.Push(session);
        _shelves = [.. _shelves, added];
    }

    private readonly record struct Shelf(HttpEndpointSettings Settings, Stack<V1ServerSession> Sessions);
}
