namespace Securely.Fuzz.Tests.Reference;

/// <content>Request lines, targets and hosts (RFC 9112 3, RFC 3986 3.2).</content>
internal partial class PlainParser
{
    /// <summary>RFC 9112 3: method, one space, target, one space, version.</summary>
    private static void ReadRequestLine(byte[] line, PlainHead head)
    {
        int first = Array.IndexOf(line, (byte)' ');
        int second = first < 0 ? -1 : Array.IndexOf(line, (byte)' ', first + 1);
        if (second < 0)
            throw new Refusal("A request line has three parts", 400);
        head.Method = line[..first];
        head.Target = line[(first + 1)..second];
        if (!IsToken(head.Method))
            throw new Refusal("A method is a token", 400);
        CheckTargetLetters(head.Target);
        head.MinorVersion = ReadVersion(line[(second + 1)..]);
        SplitTarget(head);
    }

    /// <summary>RFC 9112 2.3: a version has one digit on both sides of its point. Another version than ours is no mistake, only not ours.</summary>
    private static int ReadVersion(byte[] text)
    {
        if (text.Length != 8 || !text.AsSpan(0, 5).SequenceEqual("HTTP/"u8) || !IsDigit(text[5]) || text[6] != '.' || !IsDigit(text[7]))
            throw new Refusal("A version looks like HTTP/1.1", 400);
        if (text[5] != '1' || text[7] > '1')
            throw new Refusal("Only 1.0 and 1.1 are spoken", 505);
        return text[7] - '0';
    }

    /// <summary>Visible ASCII; a fragment is never sent (RFC 9112 3.2).</summary>
    private static void CheckTargetLetters(byte[] target)
    {
        foreach (byte letter in target)
        {
            if (letter < 33 || letter > 126 || letter == '#')
                throw new Refusal("A target is visible ASCII without a fragment", 400);
        }

        if (target.Length == 0)
            throw new Refusal("A target is not empty", 400);
    }

    /// <summary>RFC 9112 3.2: which of the four forms a target has depends on the method, and on how it begins.</summary>
    private static void SplitTarget(PlainHead head)
    {
        byte[] target = head.Target;
        if (head.Method.AsSpan().SequenceEqual("CONNECT"u8))
        {
            if (!IsHostWithPort(target, needsPort: true))
                throw new Refusal("CONNECT names a host and a port", 400);
            head.Host = target;
        }
        else if (target[0] == '/')
        {
            SplitQuery(target, head);
        }
        else if (target is [(byte)'*'])
        {
            if (!head.Method.AsSpan().SequenceEqual("OPTIONS"u8))
                throw new Refusal("Only OPTIONS is about everything", 400);
            head.Path = target;
        }
        else
        {
            SplitAbsolute(target, head);
        }
    }

    private static void SplitAbsolute(byte[] target, PlainHead head)
    {
        int scheme = BeginsWithWord(target, "http://") ? 7 : BeginsWithWord(target, "https://") ? 8 : 0;
        if (scheme == 0)
            throw new Refusal("A target begins with / or http://", 400);
        int end = scheme;
        while (end < target.Length && target[end] != '/' && target[end] != '?')
            end++;
        head.Host = target[scheme..end];
        if (!IsHostWithPort(head.Host, needsPort: false))
            throw new Refusal("The host of the target is no host", 400);
        SplitQuery(target[end..], head);
        if (head.Path.Length == 0)
            head.Path = [(byte)'/'];
    }

    private static void SplitQuery(byte[] text, PlainHead head)
    {
        int mark = Array.IndexOf(text, (byte)'?');
        head.Path = mark < 0 ? text : text[..mark];
        head.Query = mark < 0 ? [] : text[(mark + 1)..];
    }

    /// <summary>
    /// RFC 9112 3.2: exactly one Host in HTTP/1.1 and at most one in 1.0; the host of the target, when it has one, takes its place. It may not
    /// be empty here.
    /// </summary>
    private static void ReadHost(PlainHead head)
    {
        var hosts = Values(head.Fields, "Host");
        if (hosts.Count > 1 || (hosts.Count == 0 && head.MinorVersion == 1))
            throw new Refusal("There is one Host field", 400);
        if (hosts.Count == 1 && !IsHostWithPort(hosts[0], needsPort: false))
            throw new Refusal("The Host field is no host", 400);
        bool isAbsolute = head.Host.Length > 0 && !head.Method.AsSpan().SequenceEqual("CONNECT"u8);
        if (!isAbsolute)
        {
            if (head.Host.Length == 0 && hosts.Count == 1)
                head.Host = hosts[0];
            return;
        }

        int index = head.Fields.FindIndex(field => IsWord(field.Name, "Host"));
        if (index < 0)
            head.Fields.Add(new PlainField(Ascii("Host"), head.Host));
        else
            head.Fields[index] = new PlainField(head.Fields[index].Name, head.Host);
    }

    /// <summary>RFC 3986 3.2.2, 3.2.3: an address in brackets or a name, then perhaps a colon and a port.</summary>
    private static bool IsHostWithPort(byte[] text, bool needsPort)
    {
        int end = text.Length > 0 && text[0] == '[' ? Array.IndexOf(text, (byte)']') + 1 : Array.IndexOf(text, (byte)':');
        if (end < 0)
            end = text.Length;
        if (end == 0)
            return false;
        bool isHost = text[0] == '[' ? IsAddress(text[1..(end - 1)]) : IsName(text[..end]);
        if (end == text.Length)
            return isHost && !needsPort;
        byte[] port = text[(end + 1)..];
        return isHost && text[end] == ':' && IsPort(port) && (port.Length > 0 || !needsPort);
    }

    /// <summary>Digits that are at most 65535; none at all is the usual port.</summary>
    private static bool IsPort(byte[] digits)
    {
        long port = 0;
        foreach (byte digit in digits)
        {
            if (!IsDigit(digit))
                return false;
            port = Math.Min(100_000, (port * 10) + digit - '0');
        }

        return port <= 65535;
    }

    /// <summary>RFC 3986: unreserved letters, sub-delimiters, and bytes written as a percent sign and two digits.</summary>
    private static bool IsName(byte[] text)
    {
        for (int index = 0; index < text.Length; index++)
        {
            byte letter = text[index];
            if (letter == '%')
            {
                if (index + 2 >= text.Length || !IsHexDigit(text[index + 1]) || !IsHexDigit(text[index + 2]))
                    return false;
                index += 2;
            }
            else if (!IsLetter(letter) && !IsDigit(letter) && !"-._~!$&'()*+,;=".Contains((char)letter, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return text.Length > 0;
    }

    /// <summary>
    /// RFC 3986, IPv6address: eight groups of one to four digits with colons between them; once, two colons may stand for one or more groups
    /// of zeros; the last two groups may be written as an IPv4 address.
    /// </summary>
    private static bool IsAddress(byte[] text)
    {
        string address = System.Text.Encoding.Latin1.GetString(text);
        int gap = address.IndexOf("::", StringComparison.Ordinal);
        if (gap < 0)
            return CountGroups(address, mayEndInIpv4: true) == 8;
        int before = CountGroups(address[..gap], mayEndInIpv4: false);
        int after = CountGroups(address[(gap + 2)..], mayEndInIpv4: true);
        return before >= 0 && after >= 0 && before + after <= 7;
    }

    /// <summary>How many groups there are; -1 when one of them is none.</summary>
    private static int CountGroups(string text, bool mayEndInIpv4)
    {
        if (text.Length == 0)
            return 0;
        string[] groups = text.Split(':');
        int count = 0;
        for (int index = 0; index < groups.Length; index++)
        {
            bool isHex = groups[index].Length is >= 1 and <= 4 && groups[index].All(char.IsAsciiHexDigit);
            bool isIpv4 = mayEndInIpv4 && index == groups.Length - 1 && IsIpv4(groups[index]);
            if (!isHex && !isIpv4)
                return -1;
            count += isIpv4 ? 2 : 1;
        }

        return count;
    }

    /// <summary>RFC 3986, IPv4address: four numbers up to 255 without leading zeros.</summary>
    private static bool IsIpv4(string text)
    {
        string[] parts = text.Split('.');
        return parts.Length == 4 && Array.TrueForAll(parts, static part =>
            part.Length is >= 1 and <= 3 && part.All(char.IsAsciiDigit) && (part.Length == 1 || part[0] != '0')
            && int.Parse(part, System.Globalization.CultureInfo.InvariantCulture) <= 255);
    }
}
