namespace Securely.Events;

/// <summary>Events that are held back while some work goes on. The work may dispatch from several threads.</summary>
internal sealed class DeferredEvents(IReadOnlyCollection<string>? names)
{
    private readonly List<EventMessage> _held = [];

    public bool TryHold(EventMessage message)
    {
        if (names is not null && !names.Contains(message.Name, StringComparer.Ordinal))
            return false;
        lock (_held)
            _held.Add(message);
        return true;
    }

    public IReadOnlyList<EventMessage> Take()
    {
        lock (_held)
            return [.. _held];
    }
}
