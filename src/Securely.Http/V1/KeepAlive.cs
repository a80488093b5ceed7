using System.Text;

namespace Securely.Http;

/// <summary>What a Connection field asks for, besides naming fields.</summary>
[Flags]
internal enum ConnectionOptions : byte
{
    None = 0,
    Close = 1,
    KeepAlive = 2,
    Upgrade = 4,

    /// <summary>More is named than anybody needs: each name is looked for among all fields.</summary>
    TooMany = 8,
}

/// <summary>Reads Connection and Keep-Alive (RFC 9112 9.3, RFC 9110 7.6.1; rows H1S-11, H1C-04).</summary>
internal static class KeepAlive
{
    /// <summary>How many names the Connection fields of a message may hold together.</summary>
    internal const int MostNames = 100;

    internal const string TooManyNames = "Connection names more than 100 fields";

    private const int LongestTimeout = 9;

    /// <summary>The options of all Connection fields together; a list in one field and several fields are the same.</summary>
    public static ConnectionOptions ReadOptions(HeaderMap headers)
    {
        var options = ConnectionOptions.None;
        int left = MostNames;
        for (int index = headers.IndexOfKnown(KnownHeader.Connection); index >= 0;
            index = headers.IndexOfKnown(KnownHeader.Connection, index + 1))
        {
            foreach (var option in new HeaderList(headers.ValueAt(index)))
            {
                options |= Recognise(option);
                if (--left < 0)
                {
                    return options | ConnectionOptions.TooMany;
                }
            }
        }

        return options;
    }

    /// <summary>Whether the connection outlives the message: close always wins, HTTP/1.0 has to ask.</summary>
    public static bool Decide(HttpVersion version, ConnectionOptions options) =>
        (options & ConnectionOptions.Close) == ConnectionOptions.None
        && (version != HttpVersion.Http10 || (options & ConnectionOptions.KeepAlive) != ConnectionOptions.None);

    /// <summary>Whether Connection names upgrade, and the Upgrade fields name a protocol (RFC 9110 7.8).</summary>
    public static bool AsksForUpgrade(HeaderMap headers, ConnectionOptions options)
    {
        if ((options & ConnectionOptions.Upgrade) == ConnectionOptions.None)
        {
            return false;
        }

        for (int index = headers.IndexOfKnown(KnownHeader.Upgrade); index >= 0; index = headers.IndexOfKnown(KnownHeader.Upgrade, index + 1))
        {
            foreach (var protocol in new HeaderList(headers.ValueAt(index)))
            {
                if (!protocol.IsEmpty)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The seconds of <c>Keep-Alive: timeout=N</c>; -1 when not given or not a number.</summary>
    public static int ReadTimeout(HeaderMap headers)
    {
        if (!headers.TryGetKnown(KnownHeader.KeepAlive, out var value))
        {
            return -1;
        }

        foreach (var parameter in new HeaderList(value))
        {
            int sign = parameter.IndexOf((byte)'=');
            if (sign > 0 && Ascii.EqualsIgnoreCase(HttpTokens.Trim(parameter[..sign]), "timeout"u8))
            {
                return ParseSeconds(HttpTokens.Trim(parameter[(sign + 1)..]));
            }
        }

        return -1;
    }

    /// <summary>Which option one element of a Connection field is.</summary>
    public static ConnectionOptions Recognise(ReadOnlySpan<byte> option) => option.Length switch
    {
        5 when Ascii.EqualsIgnoreCase(option, "close"u8) => ConnectionOptions.Close,
        7 when Ascii.EqualsIgnoreCase(option, "upgrade"u8) => ConnectionOptions.Upgrade,
        10 when Ascii.EqualsIgnoreCase(option, "keep-alive"u8) => ConnectionOptions.KeepAlive,
        _ => ConnectionOptions.None,
    };

    private static int ParseSeconds(ReadOnlySpan<byte> digits)
    {
        if (digits.IsEmpty || digits.Length > LongestTimeout || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return -1;
        }

        int seconds = 0;
        foreach (byte digit in digits)
        {
            seconds = (seconds * 10) + digit - '0';
        }

        return seconds;
    }
}
