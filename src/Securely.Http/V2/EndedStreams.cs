namespace Securely.Http;

/// <summary>How a stream left the table.</summary>
internal enum StreamEnd : byte
{
    /// <summary>It is not known: it never began, or ended long ago.</summary>
    Unknown,

    /// <summary>Both sides have sent END_STREAM.</summary>
    Complete,

    /// <summary>We have reset it; what was on its way is ignored (RFC 9113 5.1).</summary>
    ResetByUs,

    /// <summary>The peer has reset it, and may send nothing more on it.</summary>
    ResetByPeer,
}

/// <summary>How the last streams of a connection ended, for frames that come late.</summary>
internal sealed class EndedStreams
{
    private const int Kept = 128;

    private readonly int[] _ids = new int[Kept];
    private readonly StreamEnd[] _ends = new StreamEnd[Kept];
    private int _next;

    internal void Add(int id, StreamEnd end)
    {
        _ids[_next] = id;
        _ends[_next] = end;
        _next = (_next + 1) % Kept;
    }

    internal StreamEnd Find(int id)
    {
        var index = Array.IndexOf(_ids, id);
        return index < 0 ? StreamEnd.Unknown : _ends[index];
    }
}
