using System.Buffers;

namespace Securely.Dns;

/// <summary>
/// A list of names as they are published: lines of a hosts file, names alone, or rules of ad blockers, also mixed. Immutable, for any thread.
/// </summary>
public sealed class DomainList
{
    private static readonly SearchValues<string> _machineNames = SearchValues.Create(
        ["localhost", "localhost.localdomain", "local", "broadcasthost", "ip6-localhost", "ip6-loopback", "ip6-localnet", "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts", "0.0.0.0"],
        StringComparison.OrdinalIgnoreCase);

    private static readonly SearchValues<char> _notInNames = SearchValues.Create("/*:,=$|~@#");

    private readonly Dictionary<DomainName, DomainScope> _blocked = [];
    private readonly Dictionary<DomainName, DomainScope> _allowed = [];

    private DomainList()
    {
    }

    /// <summary>How many names it blocks.</summary>
    public int BlockedCount => _blocked.Count;

    /// <summary>How many names it excepts.</summary>
    public int AllowedCount => _allowed.Count;

    /// <summary>How many lines say something that a name server cannot do, such as rules for parts of a page.</summary>
    public int SkippedCount { get; private set; }

    internal IReadOnlyDictionary<DomainName, DomainScope> Blocked => _blocked;

    internal IReadOnlyDictionary<DomainName, DomainScope> Allowed => _allowed;

    /// <summary>Reads a list. <c>0.0.0.0 NAME</c> blocks the name; <c>NAME</c> and <c>||NAME^</c> what is below it too, <c>*.NAME</c> only that; <c>@@||NAME^</c> excepts.</summary>
    /// <param name="lines">The list.</param>
    /// <param name="most">How many names it may have at most.</param>
    /// <exception cref="FormatException">It has more names.</exception>
    public static DomainList Read(TextReader lines, int most = 5_000_000)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var list = new DomainList();
        while (lines.ReadLine() is { } line)
        {
            list.Add(line.AsSpan().Trim());
            if (list._blocked.Count + list._allowed.Count > most)
                throw new FormatException($"The list has more than [{most}] names.");
        }

        return list;
    }

    private void Add(ReadOnlySpan<char> line)
    {
        if (line.IsEmpty || line[0] is '#' or '!' or '[')
            return;
        var isException = line.StartsWith("@@", StringComparison.Ordinal);
        var rule = isException ? line[2..] : line;
        if (rule.StartsWith("||", StringComparison.Ordinal))
            AddRule(rule[2..], isException);
        else if (isException)
            SkippedCount++;
        else
            AddPlain(line);
    }

    // Of a rule for whole names nothing may be left behind its end but what a name server does anyway.
    private void AddRule(ReadOnlySpan<char> rule, bool isException)
    {
        var end = rule.IndexOf('^');
        var rest = end < 0 ? default : rule[(end + 1)..];
        var isWhole = end > 0 && (rest.IsEmpty || rest is "|" or "$important" or "$all" or "$document" or "$doc");
        if (!isWhole || !Put(isException ? _allowed : _blocked, rule[..end], DomainScope.Both))
            SkippedCount++;
    }

    private void AddPlain(ReadOnlySpan<char> line)
    {
        // Behind a name without a blank it is a rule for parts of a page.
        var comment = line.IndexOf(" #", StringComparison.Ordinal);
        if (comment < 0)
            comment = line.IndexOf("\t#", StringComparison.Ordinal);
        if (comment >= 0)
            line = line[..comment].TrimEnd();
        var blank = line.IndexOfAny(' ', '\t');
        if (blank < 0)
        {
            if (!Put(_blocked, line, DomainScope.Both))
                SkippedCount++;
            return;
        }

        if (!System.Net.IPAddress.TryParse(line[..blank], out _))
        {
            SkippedCount++;
            return;
        }

        foreach (var part in line[blank..].ToString().Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (!_machineNames.Contains(part) && !Put(_blocked, part, DomainScope.Self))
                SkippedCount++;
        }
    }

    private static bool Put(Dictionary<DomainName, DomainScope> names, ReadOnlySpan<char> text, DomainScope scope)
    {
        if (text.StartsWith("*.", StringComparison.Ordinal))
        {
            text = text[2..];
            scope = DomainScope.Below;
        }
        else if (text.StartsWith(".", StringComparison.Ordinal))
        {
            text = text[1..];
        }

        // An address, a path or a pattern is no name.
        if (text.ContainsAny(_notInNames) || !text.Contains('.') || System.Net.IPAddress.TryParse(text, out _) || !DomainName.TryParse(text.ToString(), out var name) || name.IsRoot)
            return false;
        names[name] = scope | names.GetValueOrDefault(name);
        return true;
    }
}
