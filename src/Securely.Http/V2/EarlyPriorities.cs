namespace Securely.Http;

/// <summary>
/// The last PRIORITY_UPDATE frames for streams that have not begun, which overrule what their requests say (RFC 9218 7.1). A client that sends more of
/// them than are kept loses the oldest.
/// </summary>
internal sealed class EarlyPriorities
{
    private const int Kept = 16;

    private readonly int[] _ids = new int[Kept];
    private readonly StreamPriority[] _priorities = new StreamPriority[Kept];
    private int _next;

    internal void Add(int streamId, in StreamPriority priority)
    {
        var index = Array.IndexOf(_ids, streamId);
        if (index < 0)
        {
            index = _next;
            _next = (_next + 1) % Kept;
        }

        _ids[index] = streamId;
        _priorities[index] = priority;
    }

    /// <summary>What was said about a stream that begins now.</summary>
    internal bool TryTake(int streamId, out StreamPriority priority)
    {
        var index = Array.IndexOf(_ids, streamId);
        priority = index < 0 ? default : _priorities[index];
        if (index >= 0)
            _ids[index] = 0;
        return index >= 0;
    }
}
