namespace Securely.Log;

/// <summary>How a <see cref="LogManager"/> is configured.</summary>
public sealed record LogOptions
{
    /// <summary>The channel that is used when none is named; null falls to the emergency channel.</summary>
    public string? Default { get; init; }

    /// <summary>The channels by name.</summary>
    public IReadOnlyDictionary<string, LogChannelOptions> Channels { get; init; } = new Dictionary<string, LogChannelOptions>(StringComparer.Ordinal);

    /// <summary>What lines call channels that have no name of their own. Default: <c>securely</c>.</summary>
    public string Name { get; init; } = "securely";

    /// <summary>What lines call the emergency channel. Default: <c>securely</c>.</summary>
    public string EmergencyName { get; init; } = "securely";

    /// <summary>The file of the emergency channel; null is standard error.</summary>
    public string? EmergencyPath { get; init; }

    /// <summary>Writes the lines of the emergency channel.</summary>
    public ILogFormatter EmergencyFormatter { get; init; } = new LineFormatter();

    /// <summary>Standard error of the process; where the channels of <c>stderr</c> write.</summary>
    public TextWriter StandardError { get; init; } = Console.Error;

    /// <summary>How many records may wait for one target; what comes then is dropped and counted. Default: 8192.</summary>
    public int Capacity { get; init; } = 8192;

    /// <summary>The clock of the records.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Keys of the context whose values are never written, at any depth; the case of letters does not matter.</summary>
    public IReadOnlyList<string> Redact { get; init; } = DefaultRedact;

    /// <summary>What <see cref="Redact"/> is by default.</summary>
    public static IReadOnlyList<string> DefaultRedact { get; } =
        ["password", "password_confirmation", "passwd", "secret", "token", "access_token", "refresh_token", "api_key", "apikey", "app_key", "private_key", "authorization", "cookie", "set-cookie"];
}
