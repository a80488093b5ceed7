using System.Buffers.Binary;

namespace Securely.Dns;

/// <summary>
/// An answer as it is kept: the records as they stand behind a question of the same name, and where their TTLs are. Immutable but for the marks of
/// its use, which any thread may set; a lost mark does no harm.
/// </summary>
internal sealed class CacheEntry
{
    // What the runtime and the table take besides the bytes.
    private const int Overhead = 208;

    /// <summary>The TTL of an answer that is older than it should be (RFC 8767, 5.1).</summary>
    internal const uint StaleTtl = 30;

    private int _refreshing;

    internal required ForwardKey Key { get; init; }

    /// <summary>The records of both sections; their pointers count from the beginning of a message.</summary>
    internal byte[] Body { get; init; } = [];

    /// <summary>Where TTLs stand in the body.</summary>
    internal ushort[] TtlPlaces { get; init; } = [];

    internal ushort Answers { get; init; }

    internal ushort Authorities { get; init; }

    internal ResponseCode Code { get; init; }

    /// <summary>Why the answer is what it is (RFC 8914); -1 for nothing to say.</summary>
    internal int Error { get; init; } = ExtendedErrors.None;

    internal byte[] ErrorText { get; init; } = [];

    /// <summary>The hash of the zone that says that there is no such name; 0 for other answers.</summary>
    internal uint Denier { get; init; }

    /// <summary>When it came, in seconds of the cache's clock.</summary>
    internal long StoredAt { get; init; }

    /// <summary>How many seconds it is good for: the smallest TTL of its records.</summary>
    internal uint Ttl { get; init; }

    /// <summary>Whether the records may stand behind a longer name: their pointers still reach what they point to.</summary>
    internal bool IsMovable => Body.Length < 0x3000;

    /// <summary>Whether it says that something does not exist, or cannot be had.</summary>
    internal bool IsNegative => Answers == 0;

    /// <summary>Whether the server behind could not answer; such an entry never takes the place of an answer.</summary>
    internal bool IsFailure => Code is not (ResponseCode.Success or ResponseCode.NoSuchName);

    /// <summary>How many bytes it counts in the cache.</summary>
    internal int Size => Overhead + Key.Name.Length + Body.Length + (2 * TtlPlaces.Length) + ErrorText.Length;

    /// <summary>When it was used last, in seconds of the cache's clock.</summary>
    internal int UsedAt;

    /// <summary>How often it was used, as far as one needs to know.</summary>
    internal int Uses;

    /// <summary>When another try may be made to replace it, after one has failed.</summary>
    internal long RetryAt;

    internal bool IsFresh(long now) => now - StoredAt < Ttl;

    /// <summary>Whether it is old, but better than nothing.</summary>
    internal bool IsUsableStale(long now, long mostStale) => !IsFailure && now - StoredAt < Ttl + mostStale;

    /// <summary>Whether it is asked for often enough, and old enough, to be fetched anew before it ends. Says so once.</summary>
    internal bool ShouldRefresh(long now) =>
        Ttl >= 10 && Uses >= 2 && (now - StoredAt) * 10 >= Ttl * 9L && Volatile.Read(ref _refreshing) == 0 && Interlocked.Exchange(ref _refreshing, 1) == 0;

    internal void Use(long now)
    {
        UsedAt = (int)now;
        if (Uses < 2)
            Uses++;
    }

    /// <summary>Puts the records behind the question of an answer. Nothing is allocated.</summary>
    internal void Write(ref ResponseWriter writer, long now, bool isStale)
    {
        writer.Code = Code;
        if (writer.Position + Body.Length > writer.Limit)
        {
            writer.IsTruncated = true;
            return;
        }

        var target = writer.Buffer.Slice(writer.Position, Body.Length);
        Body.CopyTo(target);
        var age = (uint)Math.Max(now - StoredAt, 0);
        foreach (var place in TtlPlaces)
        {
            var ttl = BinaryPrimitives.ReadUInt32BigEndian(target[place..]);
            BinaryPrimitives.WriteUInt32BigEndian(target[place..], isStale ? StaleTtl : ttl - Math.Min(age, ttl));
        }

        // A name below one that does not exist gets what was said of that one, whose name is shorter.
        var moved = writer.Position - (ResponseWriter.QuestionOffset + Key.Name.Length + 4);
        if (moved != 0)
            MovePointers(target, moved);
        writer.Position += Body.Length;
        writer.Answers = Answers;
        writer.Authorities = Authorities;
    }

    private static void MovePointers(Span<byte> records, int distance)
    {
        for (var at = 0; at < records.Length;)
        {
            at = MovePointer(records, at, distance);
            var data = at + 10;
            if ((RecordType)BinaryPrimitives.ReadUInt16BigEndian(records[at..]) == RecordType.Soa)
                MovePointer(records, MovePointer(records, data, distance), distance);
            at = data + BinaryPrimitives.ReadUInt16BigEndian(records[(data - 2)..]);
        }
    }

    // One name; where it ends.
    private static int MovePointer(Span<byte> records, int at, int distance)
    {
        while (records[at] is > 0 and < 0xC0)
            at += records[at] + 1;
        if (records[at] == 0)
            return at + 1;
        BinaryPrimitives.WriteUInt16BigEndian(records[at..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(records[at..]) + distance));
        return at + 2;
    }
}
