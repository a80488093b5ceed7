using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Securely.Dns;

/// <summary>
/// The names of a zone by hash: open addressing, at most two thirds full, read by many threads once it is built. A name is a node, or where nothing
/// is linked with it the run that its records stand in, which takes no object; a node is made of it when somebody needs one.
/// </summary>
internal sealed class NodeTable
{
    // Runs are looked up ahead by so many, so that memory is not waited for.
    private const int Ahead = 12;

    private readonly byte[][] _chunks;
    private Slot[] _slots;
    private ZoneNode[] _nodes = new ZoneNode[4];
    private int _nodeCount;

    /// <summary>Makes a table.</summary>
    /// <param name="capacity">How many names it takes before it grows.</param>
    /// <param name="chunks">Where runs stand.</param>
    internal NodeTable(int capacity = 10, byte[][]? chunks = null)
    {
        _chunks = chunks ?? [];
        _slots = new Slot[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity + (capacity / 2) + 2, 16))];
    }

    /// <summary>How many names there are.</summary>
    internal int Count { get; private set; }

    /// <summary>Where runs stand.</summary>
    internal byte[][] Chunks => _chunks;

    /// <summary>How many of the names are nodes.</summary>
    internal int NodeCount => _nodeCount;

    /// <summary>All names; nodes are made of runs, and forgotten.</summary>
    internal IEnumerable<ZoneNode> Nodes => _slots.Where(slot => slot.Reference != 0).Select(slot => NodeOf(slot.Reference));

    /// <summary>A name that is a node, by when it became one.</summary>
    internal ZoneNode Node(int index) => _nodes[index];

    /// <summary>The runs.</summary>
    internal IEnumerable<int> Runs()
    {
        foreach (var slot in _slots)
        {
            if (slot.Reference > 0)
                yield return slot.Reference;
        }
    }

    /// <summary>All names in canonical order; nodes are made of runs one at a time.</summary>
    internal IEnumerable<ZoneNode> Sorted()
    {
        var references = Array.FindAll(Array.ConvertAll(_slots, static slot => slot.Reference), static reference => reference != 0);
        Array.Sort(references, (left, right) => WireName.Compare(LowerOf(left), LowerOf(right)));
        return references.Select(NodeOf);
    }

    /// <summary>Finds an ancestor of a name, or the name itself.</summary>
    /// <param name="key">The name.</param>
    /// <param name="labelsAway">How many labels are taken away.</param>
    /// <param name="node">The node; null where it is a run.</param>
    /// <returns>The reference of the name; 0 when it is not here.</returns>
    internal int Find(NameKey key, int labelsAway, out ZoneNode? node)
    {
        var slots = _slots;
        var hash = key.Hash(labelsAway);
        var mask = (uint)slots.Length - 1;
        for (var at = hash & mask; ; at = (at + 1) & mask)
        {
            ref readonly var slot = ref slots[at];
            if (slot.Reference > 0 && slot.Hash == hash && RecordSlab.Run(_chunks, slot.Reference).Lower.SequenceEqual(key.Ancestor(labelsAway)))
            {
                node = null;
                return slot.Reference;
            }

            if (slot.Reference < 0 && slot.Hash == hash && _nodes[~slot.Reference].Name.Lower.SequenceEqual(key.Ancestor(labelsAway)))
            {
                node = _nodes[~slot.Reference];
                return slot.Reference;
            }

            if (slot.Reference == 0)
            {
                node = null;
                return 0;
            }
        }
    }

    /// <summary>Begins to load the place of a name into the processor's cache.</summary>
    internal unsafe void Foresee(uint hash)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref _slots[hash & ((uint)_slots.Length - 1)]));
    }

    /// <summary>Begins to load the records of a name whose place has been loaded meanwhile.</summary>
    internal unsafe void ForeseeRun(uint hash)
    {
        ref readonly var slot = ref _slots[hash & ((uint)_slots.Length - 1)];
        if (Sse.IsSupported && slot.Reference > 0 && slot.Hash == hash)
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in RecordSlab.FirstByte(_chunks, slot.Reference))));
    }

    /// <summary>Finds a name; a node is made of a run, and forgotten.</summary>
    internal ZoneNode? Find(DomainName name) => Locate(name.Lower, name.Hash).Reference is not 0 and var reference ? NodeOf(reference) : null;

    /// <summary>The run of a name; 0 where there is none, or a node.</summary>
    internal int FindRun(DomainName name) => Math.Max(Locate(name.Lower, name.Hash).Reference, 0);

    /// <summary>Whether a name is there.</summary>
    internal bool Contains(ReadOnlySpan<byte> lower, uint hash) => Locate(lower, hash).Reference != 0;

    /// <summary>Finds a name as a node, which takes the place of a run; null when it is not here.</summary>
    internal ZoneNode? FindNode(DomainName name)
    {
        ref var slot = ref Locate(name.Lower, name.Hash);
        return slot.Reference == 0 ? null : Promote(ref slot);
    }

    /// <summary>Finds a name as a node, or enters it.</summary>
    internal ZoneNode Add(DomainName name)
    {
        ref var slot = ref Locate(name.Lower, name.Hash);
        if (slot.Reference != 0)
            return Promote(ref slot);
        var node = new ZoneNode(name);
        slot = new Slot(name.Hash, Keep(node));
        Grow();
        return node;
    }

    /// <summary>Makes a node of a run.</summary>
    internal ZoneNode Promote(int run)
    {
        var bytes = RecordSlab.Run(_chunks, run);
        return Promote(ref Locate(bytes.Lower, bytes.Hash));
    }

    /// <summary>Enters a run that is ready.</summary>
    /// <returns>False when its owner is here already.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal bool TryAddRun(int run)
    {
        var bytes = RecordSlab.Run(_chunks, run);
        ref var slot = ref Locate(bytes.Lower, bytes.Hash);
        if (slot.Reference != 0)
            return false;
        slot = new Slot(bytes.Hash, run);
        Grow();
        return true;
    }

    /// <summary>Begins to load what <see cref="TryAddRun"/> will need for a run some places on.</summary>
    internal unsafe void Foresee(ReadOnlySpan<RecordPlace> places, int at)
    {
        if (Sse.IsSupported && at + Ahead < places.Length)
            Sse.Prefetch0(Unsafe.AsPointer(ref _slots[RecordSlab.Run(_chunks, places[at + Ahead].Run).Hash & ((uint)_slots.Length - 1)]));
    }

    private ZoneNode Promote(ref Slot slot)
    {
        if (slot.Reference < 0)
            return _nodes[~slot.Reference];
        var node = NodeOf(slot.Reference);
        slot = new Slot(slot.Hash, Keep(node));
        return node;
    }

    private int Keep(ZoneNode node)
    {
        if (_nodeCount == _nodes.Length)
            Array.Resize(ref _nodes, _nodeCount * 2);
        _nodes[_nodeCount] = node;
        return ~_nodeCount++;
    }

    private ZoneNode NodeOf(int reference)
    {
        if (reference < 0)
            return _nodes[~reference];
        var run = RecordSlab.Run(_chunks, reference);
        return new ZoneNode(DomainName.OfValid(run.Wire)) { Sets = run.Sets(), Run = reference };
    }

    private ReadOnlySpan<byte> LowerOf(int reference) => reference < 0 ? _nodes[~reference].Name.Lower : RecordSlab.Run(_chunks, reference).Lower;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Grow()
    {
        if (++Count * 3L <= _slots.Length * 2L)
            return;
        var slots = new Slot[_slots.Length * 2];
        var mask = (uint)slots.Length - 1;
        foreach (var slot in _slots)
        {
            if (slot.Reference == 0)
                continue;
            var at = slot.Hash & mask;
            while (slots[at].Reference != 0)
                at = (at + 1) & mask;
            slots[at] = slot;
        }

        _slots = slots;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ref Slot Locate(ReadOnlySpan<byte> lower, uint hash)
    {
        var slots = _slots;
        var mask = (uint)slots.Length - 1;
        for (var at = hash & mask; ; at = (at + 1) & mask)
        {
            ref var slot = ref slots[at];
            if (slot.Reference == 0 || (slot.Hash == hash && LowerOf(slot.Reference).SequenceEqual(lower)))
                return ref slot;
        }
    }

    // Above 0 a run, below it the complement of a node's number, 0 where nothing is.
    private readonly record struct Slot(uint Hash, int Reference);
}
