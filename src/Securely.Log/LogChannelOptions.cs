namespace Securely.Log;

/// <summary>How one channel is configured; the keys of Laravel's <c>config/logging.php</c> that make sense here.</summary>
public sealed record LogChannelOptions
{
    /// <summary>What kind it is: one of <see cref="LogManager.Drivers"/>, or one that the program added. Required.</summary>
    public required string Driver { get; init; }

    /// <summary>From which severity on, by name in lower case. Default: <c>debug</c>.</summary>
    public string? Level { get; init; }

    /// <summary>What lines call the channel; null is <see cref="LogOptions.Name"/>.</summary>
    public string? Name { get; init; }

    /// <summary>The file of <c>single</c>; of <c>daily</c> the date comes before its extension. Null for all others.</summary>
    public string? Path { get; init; }

    /// <summary>How many files <c>daily</c> keeps; 0 keeps all. Default: 14.</summary>
    public int Days { get; init; } = 14;

    /// <summary>The channels of <c>stack</c>, in order.</summary>
    public IReadOnlyList<string> Channels { get; init; } = [];

    /// <summary>Whether, in a stack, later channels get what this one has taken. Default: yes.</summary>
    public bool Bubble { get; init; } = true;

    /// <summary>
    /// Where <c>syslog</c> and <c>webhook</c> send: <c>udp://HOST:514</c>, <c>tcp://HOST:601</c>, <c>unix:/dev/log</c>, <c>https://HOST/PATH</c>. Null for syslog is <c>unix:/dev/log</c>.
    /// </summary>
    public string? Url { get; init; }

    /// <summary>Writes the text of a record; null is <see cref="LineFormatter"/>, and JSON for <c>webhook</c>.</summary>
    public ILogFormatter? Formatter { get; init; }

    /// <summary>Whether <c>{key}</c> in a message is replaced by the value of the context. Default: no.</summary>
    public bool ReplacePlaceholders { get; init; }

    /// <summary>Change the handlers of the channel once it is made; run in order.</summary>
    public IReadOnlyList<Action<IReadOnlyList<LogHandler>>> Taps { get; init; } = [];
}
