namespace Securely.Config;

/// <summary>A number of events in a span of time, as in <c>100/s</c>.</summary>
/// <param name="Count">How many; at least 1.</param>
/// <param name="Per">In which time: a second, a minute or an hour.</param>
public readonly record struct ConfigRate(long Count, TimeSpan Per);
