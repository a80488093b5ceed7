namespace Securely.Dns;

/// <summary>
/// Names that are not answered, and those that are all the same. The lists are replaced while it is asked: readers see the state before or after.
/// For any thread.
/// </summary>
public sealed class NamePolicy
{
    private volatile Lists _lists = new(DomainSet.Empty, DomainSet.Empty);

    /// <summary>What is answered for a blocked name. Default: that it does not exist.</summary>
    public BlockedAnswer Answer { get; init; } = BlockedAnswer.NoSuchName;

    /// <summary>How many blocked names there are. Any thread may read it.</summary>
    public int BlockedCount => _lists.Blocked.Count;

    /// <summary>How many excepted names there are. Any thread may read it.</summary>
    public int AllowedCount => _lists.Allowed.Count;

    /// <summary>Raised on the thread of the change, when the lists have been replaced.</summary>
    internal event Action? Changed;

    /// <summary>Replaces all names.</summary>
    /// <param name="lists">The lists: what they block is blocked, unless one of them or the others excepts it.</param>
    /// <param name="allowed">Lists whose names are excepted, whatever they were written for.</param>
    public void Replace(IReadOnlyList<DomainList> lists, IReadOnlyList<DomainList> allowed)
    {
        ArgumentNullException.ThrowIfNull(lists);
        ArgumentNullException.ThrowIfNull(allowed);
        var blocked = Merge(lists.Select(list => list.Blocked));
        var excepted = Merge(lists.Select(list => list.Allowed).Concat(allowed.SelectMany(list => new[] { list.Blocked, list.Allowed })));
        _lists = new Lists(DomainSet.Build(blocked), DomainSet.Build(excepted));
        Changed?.Invoke();
    }

    /// <summary>Whether a name is blocked. Nothing is allocated.</summary>
    internal bool IsBlocked(NameKey name)
    {
        var lists = _lists;
        return lists.Blocked.Covers(name) && !lists.Allowed.Covers(name);
    }

    /// <summary>Whether a name is excepted, and with it whatever its aliases lead to.</summary>
    internal bool IsAllowed(NameKey name) => _lists.Allowed.Covers(name);

    private static Dictionary<DomainName, DomainScope> Merge(IEnumerable<IReadOnlyDictionary<DomainName, DomainScope>> sets)
    {
        var all = new Dictionary<DomainName, DomainScope>();
        foreach (var (name, scope) in sets.SelectMany(set => set))
            all[name] = scope | all.GetValueOrDefault(name);
        return all;
    }

    private sealed record Lists(DomainSet Blocked, DomainSet Allowed);
}

/// <summary>What is answered for a blocked name, with an extended error that says so (RFC 8914, 4.16).</summary>
public enum BlockedAnswer
{
    /// <summary>NXDOMAIN.</summary>
    NoSuchName,

    /// <summary>NOERROR without records.</summary>
    NoData,

    /// <summary>REFUSED.</summary>
    Refused,

    /// <summary>The addresses 0.0.0.0 and ::, and no data for other types.</summary>
    ZeroAddress,
}
