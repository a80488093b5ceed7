namespace Securely.Dns;

/// <summary>Names of hosts are letters, digits and hyphens, the hyphens inside of labels (RFC 952; RFC 1123, 2.1); other names may be anything.</summary>
internal static class HostNames
{
    /// <summary>Whether a name may be that of a host.</summary>
    internal static bool IsHost(ReadOnlySpan<byte> name)
    {
        for (; name[0] != 0; name = name[(name[0] + 1)..])
        {
            if (!IsLabel(name.Slice(1, name[0])))
                return false;
        }

        return true;
    }

    /// <summary>Whether addresses may belong to a name: to a host, to a wildcard, or to the catalog of a directory, which its servers look for.</summary>
    internal static bool IsOwner(ReadOnlySpan<byte> name)
    {
        if (name is [1, (byte)'*', ..])
            name = name[2..];
        else if (name.StartsWith("\u0002gc\u0006_msdcs"u8))
            name = name[10..];
        return IsHost(name);
    }

    private static bool IsLabel(ReadOnlySpan<byte> label)
    {
        foreach (var letter in label)
        {
            if (!char.IsAsciiLetterOrDigit((char)letter) && letter != '-')
                return false;
        }

        return label[0] != '-' && label[^1] != '-';
    }
}
