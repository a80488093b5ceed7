using System.Buffers.Binary;

namespace Securely.Dns;

/// <summary>
/// Puts an answer together in a caller's buffer from prepared sets: one copy for each set, then its pointers are set right. Nothing is allocated.
/// </summary>
internal ref struct ResponseWriter
{
    /// <summary>The two bits that make a label's length a pointer.</summary>
    internal const ushort Pointer = 0xC000;

    /// <summary>Where the name of the question stands.</summary>
    internal const int QuestionOffset = 12;

    /// <summary>The last place that a pointer reaches.</summary>
    internal const int FarthestPointer = 0x3FFF;

    /// <summary>The message.</summary>
    internal Span<byte> Buffer;

    /// <summary>Where the next byte goes.</summary>
    internal int Position;

    /// <summary>Where records must end; what follows them has its place behind.</summary>
    internal int Limit;

    /// <summary>Where the zone's name stands: the end of the question's name.</summary>
    internal int ApexOffset;

    internal ushort Answers;
    internal ushort Authorities;
    internal ushort Additionals;
    internal ResponseCode Code;
    internal bool IsAuthoritative;
    internal bool IsTruncated;

    /// <summary>Whether the message goes over a stream, where size matters less.</summary>
    internal bool IsStream;

    /// <summary>Writes a set for an owner that stands in the message already.</summary>
    /// <returns>False when it does not fit; nothing has been written then.</returns>
    internal bool TryWrite(RecordSet set, int owner)
    {
        var body = set.Body;
        if (Position + body.Length > Limit)
            return false;
        if (IsExact(set, Position))
            return TryWriteExact(set, owner);
        var target = Buffer.Slice(Position, body.Length);
        body.CopyTo(target);
        if (owner != QuestionOffset)
            SetOwners(target, owner);
        if (set.Relocations is not null)
            Relocate(target, set.Relocations);
        Position += body.Length;
        return true;
    }

    /// <summary>How many bytes a set takes at a place.</summary>
    internal static int LengthOf(RecordSet set, int start) => IsExact(set, start) ? set.Exact!.Length + (set.Count * (RecordSet.HeadLength - 2)) : set.Body.Length;

    /// <summary>Writes a set whose data has no pointers, for an owner that no pointer reaches and so stands whole before each record.</summary>
    /// <returns>False when it does not fit; nothing has been written then.</returns>
    internal bool TryWriteFar(RecordSet set, scoped ReadOnlySpan<byte> owner)
    {
        if (Position + set.Body.Length + (set.Count * (owner.Length - 2)) > Limit)
            return false;
        for (var at = 0; at < set.Body.Length;)
        {
            var end = at + RecordSet.HeadLength + BinaryPrimitives.ReadUInt16BigEndian(set.Body.AsSpan(at + RecordSet.HeadLength - 2));
            owner.CopyTo(Buffer[Position..]);
            set.Body.AsSpan((at + 2)..end).CopyTo(Buffer[(Position + owner.Length)..]);
            Position += owner.Length + end - at - 2;
            at = end;
        }

        return true;
    }

    /// <summary>Writes records that have no pointers but to their owner, which stands in the message already.</summary>
    /// <returns>False when they do not fit; nothing has been written then.</returns>
    internal bool TryWritePlain(scoped ReadOnlySpan<byte> records, int owner)
    {
        if (Position + records.Length > Limit)
            return false;
        var target = Buffer.Slice(Position, records.Length);
        records.CopyTo(target);
        if (owner != QuestionOffset)
            SetOwners(target, owner);
        Position += records.Length;
        return true;
    }

    /// <summary>Writes a CNAME record whose target was made up.</summary>
    internal bool TryWriteAlias(int owner, uint ttl, scoped ReadOnlySpan<byte> target)
    {
        if (Position + RecordSet.HeadLength + target.Length > Limit)
            return false;
        RecordSet.WriteHead(Buffer[Position..], RecordType.Cname, ttl, target.Length);
        BinaryPrimitives.WriteUInt16BigEndian(Buffer[Position..], (ushort)(Pointer | owner));
        target.CopyTo(Buffer[(Position + RecordSet.HeadLength)..]);
        Position += RecordSet.HeadLength + target.Length;
        return true;
    }

    private readonly void SetOwners(Span<byte> records, int owner)
    {
        for (var at = 0; at < records.Length; at += RecordSet.HeadLength + BinaryPrimitives.ReadUInt16BigEndian(records[(at + 10)..]))
            BinaryPrimitives.WriteUInt16BigEndian(records[at..], (ushort)(Pointer | owner));
    }

    private readonly void Relocate(Span<byte> records, int[] relocations)
    {
        foreach (var place in relocations)
        {
            if (place >= 0)
            {
                BinaryPrimitives.WriteUInt16BigEndian(records[place..], (ushort)(Pointer | ApexOffset));
                continue;
            }

            var field = records[~place..];
            BinaryPrimitives.WriteUInt16BigEndian(field, (ushort)(Pointer | (Position + BinaryPrimitives.ReadUInt16BigEndian(field))));
        }
    }

    // Pointers within a set must reach all of it.
    private static bool IsExact(RecordSet set, int start) => set.Relocations is not null && start + set.Body.Length > FarthestPointer;

    // Too far into the message for pointers.
    private bool TryWriteExact(RecordSet set, int owner)
    {
        var start = Position;
        var exact = set.Exact.AsSpan();
        for (var at = 0; at < exact.Length;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(exact[at..]);
            if (Position + RecordSet.HeadLength + length > Limit)
            {
                Position = start;
                return false;
            }

            RecordSet.WriteHead(Buffer[Position..], set.Type, set.Ttl, length);
            BinaryPrimitives.WriteUInt16BigEndian(Buffer[Position..], (ushort)(Pointer | owner));
            exact.Slice(at + 2, length).CopyTo(Buffer[(Position + RecordSet.HeadLength)..]);
            Position += RecordSet.HeadLength + length;
            at += 2 + length;
        }

        return true;
    }
}
