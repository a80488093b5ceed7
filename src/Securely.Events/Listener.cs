namespace Securely.Events;

/// <summary>One registration.</summary>
/// <param name="Pattern">The name, pattern or type that it was made for.</param>
/// <param name="Kind">Which of these.</param>
/// <param name="Call">What hears the event.</param>
/// <param name="Options">How it is run.</param>
/// <param name="Accepts">Whether an object is of its interface; null where it is registered by name.</param>
internal sealed record Listener(string Pattern, ListenerKind Kind, EventListener Call, ListenerOptions Options, Func<object, bool>? Accepts)
{
    public string Name => Options.Name ?? Pattern;

    public ListenerInfo Info => new(Pattern, Kind, Name, Options.OnFailure, Options.Queue is not null);
}
