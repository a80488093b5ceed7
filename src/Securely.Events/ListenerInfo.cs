namespace Securely.Events;

/// <summary>What can be known of a listener.</summary>
/// <param name="Pattern">The name, pattern, type or interface that it hears.</param>
/// <param name="Kind">Which of these.</param>
/// <param name="Name">The listener's own name.</param>
/// <param name="OnFailure">What happens when it throws.</param>
/// <param name="IsQueued">Whether it runs later.</param>
public sealed record ListenerInfo(string Pattern, ListenerKind Kind, string Name, ListenerFailure OnFailure, bool IsQueued);

/// <summary>What a listener was registered for.</summary>
public enum ListenerKind
{
    /// <summary>One name, or one type.</summary>
    Exact,

    /// <summary>Names that match a pattern.</summary>
    Wildcard,

    /// <summary>Objects of an interface.</summary>
    Interface,

    /// <summary>A stream of events; see <see cref="Dispatcher.Watch"/>.</summary>
    Watch,
}
