namespace Securely.Dns;

// What the answers of a batch need of a large zone is brought near before the first of them is made; nothing here waits for it.
internal sealed partial class Responder
{
    private readonly NameKey _foreseenKey = new();
    private readonly List<(NodeTable Table, uint Hash)> _foreseen = [];

    /// <summary>Whether the zones are larger than what the processor keeps near anyway.</summary>
    internal bool HasMuch => state.Catalog.Table.IsLarge;

    /// <summary>Has the place brought near where the name of a request will be looked up.</summary>
    internal void Foresee(ReadOnlySpan<byte> request)
    {
        if (request.Length <= 12 || _foreseenKey.TryLoad(request[12..]) == 0 || state.Catalog.Table.Find(_foreseenKey)?.Table is not { } table)
            return;
        var hash = _foreseenKey.Hash(0);
        table.Foresee(hash);
        _foreseen.Add((table, hash));
    }

    /// <summary>Has the records of all those names brought near; their places are there meanwhile.</summary>
    internal void ForeseeRecords()
    {
        foreach (var (table, hash) in _foreseen)
            table.ForeseeRun(hash);
        _foreseen.Clear();
    }
}
