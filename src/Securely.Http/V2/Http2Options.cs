namespace Securely.Http;

/// <summary>What one side of a connection grants its peer. The defaults hold one connection to a few megabytes whatever its peer does.</summary>
internal sealed record Http2Options
{
    internal static Http2Options Default { get; } = new();

    /// <summary>How many streams a peer may have open; one counts until its handler has ended, too (CVE-2023-44487, CVE-2025-8671).</summary>
    internal int MaxStreams { get; init; } = 100;

    /// <summary>What a peer may send on one stream before it is read.</summary>
    internal int StreamWindow { get; init; } = 128 * 1024;

    /// <summary>What a peer may send on all streams together before it is read.</summary>
    internal int ConnectionWindow { get; init; } = 1024 * 1024;

    /// <summary>The most bytes of a decoded header list: names, values and 32 for each field (RFC 9113 6.5.2).</summary>
    internal int HeaderListSize { get; init; } = 64 * 1024;

    /// <summary>The most fields of a header list.</summary>
    internal int Headers { get; init; } = 128;

    /// <summary>How long a header block, a frame or the first SETTINGS may take.</summary>
    internal TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection without streams stays.</summary>
    internal TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>How long the peer's kernel may take what is written.</summary>
    internal TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many bytes a second the peer has to take, in place of <see cref="WriteTimeout"/>; 0 asks for nothing.</summary>
    internal long MinSendRate { get; init; }

    /// <summary>How long a peer with open streams may be silent before it is asked whether it is there.</summary>
    internal TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it may take to answer.</summary>
    internal TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long it may take to acknowledge our settings.</summary>
    internal TimeSpan SettingsTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
