namespace Securely.Dns;

/// <summary>The extension of a message (RFC 6891): sizes, flags and options.</summary>
public sealed record Edns
{
    /// <summary>The largest datagram that its sender takes, in bytes. Default: 1,232, which no path fragments.</summary>
    public ushort PayloadSize { get; init; } = 1232;

    /// <summary>The version; there is only 0.</summary>
    public byte Version { get; init; }

    /// <summary>DO: the sender understands DNSSEC (RFC 3225).</summary>
    public bool WantsProof { get; init; }

    /// <summary>The other 15 flags, none of which has a meaning.</summary>
    public ushort ReservedFlags { get; init; }

    /// <summary>The options in order; unknown ones are kept.</summary>
    public IReadOnlyList<EdnsOption> Options { get; init; } = [];

    /// <summary>The data of the first option with the number; null when there is none.</summary>
    /// <param name="code">Its number.</param>
    public ReadOnlyMemory<byte>? Find(EdnsOptionCode code)
    {
        foreach (var option in Options)
        {
            if (option.Code == code)
                return option.Data;
        }

        return null;
    }
}

/// <summary>One option of EDNS, as data.</summary>
/// <param name="Code">Its number.</param>
/// <param name="Data">Its bytes.</param>
public readonly record struct EdnsOption(EdnsOptionCode Code, ReadOnlyMemory<byte> Data);

/// <summary>The numbers of options; any 16-bit number is allowed.</summary>
public enum EdnsOptionCode : ushort
{
    /// <summary>Which server answers (RFC 5001).</summary>
    Nsid = 3,

    /// <summary>The client's network (RFC 7871).</summary>
    ClientSubnet = 8,

    /// <summary>When a secondary's copy expires (RFC 7314).</summary>
    Expire = 9,

    /// <summary>A cookie against forged addresses (RFC 7873).</summary>
    Cookie = 10,

    /// <summary>How long a stream may stay idle (RFC 7828).</summary>
    TcpKeepAlive = 11,

    /// <summary>Bytes that hide the size (RFC 7830).</summary>
    Padding = 12,

    /// <summary>Why an answer is what it is (RFC 8914).</summary>
    ExtendedError = 15,
}
