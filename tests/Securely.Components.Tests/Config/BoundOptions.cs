using System.ComponentModel.DataAnnotations;
using System.Net;
using Securely.Config;

namespace Securely.Components.Tests.Config;

/// <summary>Options with a property of every kind that the generator reads.</summary>
[ConfigOptions("mail")]
internal sealed partial record BoundOptions
{
    public required string From { get; init; }

    public string? ReplyTo { get; init; }

    [Range(1, 65535)]
    public int Port { get; init; } = 25;

    public long Quota { get; init; } = 5_000_000_000;

    [Range(0.5, 2.0)]
    public double Factor { get; init; } = 1.5;

    public int? Retries { get; init; } = 3;

    public bool Strict { get; init; } = true;

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    public ConfigRate Rate { get; init; } = new(100, TimeSpan.FromSeconds(1));

    public BoundMode Mode { get; init; } = BoundMode.PlainText;

    public IPAddress Address { get; init; } = IPAddress.Loopback;

    public Guid Id { get; init; }

    public IReadOnlyList<string> To { get; init; } = ["root"];

    public string[] Tags { get; init; } = [];

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    [ConfigKey("tls_settings")]
    public BoundTls Tls { get; init; } = new();

    public IReadOnlyList<BoundTls> Relays { get; init; } = [];

    public IReadOnlyDictionary<string, BoundTls> Named { get; init; } = new Dictionary<string, BoundTls>();

    [ConfigIgnore]
    public object? Internal { get; set; }

    public int Computed => Port + 1;
}

internal enum BoundMode
{
    PlainText,
    Html,
}

[ConfigOptions]
internal sealed partial class BoundTls
{
    public string Name { get; set; } = "none";

    public bool Verify { get; set; } = true;
}
