using System.Buffers.Binary;

namespace Securely.Dns;

/// <content>Questions for all types, and what is said besides of the names that records lead to.</content>
internal sealed partial class ZoneAnswers
{
    // The nodes whose addresses an answer to ANY has already.
    private readonly HashSet<ZoneNode> _told = [];

    // RFC 8482, 4.1: one set says enough, but over a stream nobody is flooded by all of them.
    private void AnswerAny(Zone zone, ZoneNode node, int owner, ref ResponseWriter writer)
    {
        if (node.Sets.Length == 0)
        {
            DenyData(zone, ref writer);
            return;
        }

        if (!writer.IsStream)
        {
            AnswerWith(node.Sets[0], owner, ref writer);
            return;
        }

        var start = writer.Position;
        foreach (var set in node.Sets)
        {
            if (!writer.TryWrite(set, owner))
            {
                writer.IsTruncated = true;
                return;
            }

            writer.Answers += (ushort)set.Count;
        }

        AddAllTargets(node, start, ref writer);
    }

    // The sets stand one behind the other; what helps comes behind all of them, and nothing twice.
    private void AddAllTargets(ZoneNode node, int start, ref ResponseWriter writer)
    {
        _told.Clear();
        _told.Add(node);
        foreach (var set in node.Sets)
        {
            if (set.Targets is not null)
                AddTargets(set, start, ref writer, told: _told);
            start += ResponseWriter.LengthOf(set, start);
        }
    }

    // What is known of the names in a set that was written at the start; the owner of each is the name where it stands in the set.
    private static void AddTargets(RecordSet set, int start, ref ResponseWriter writer, ZoneNode? cut = null, HashSet<ZoneNode>? told = null)
    {
        var at = start;
        foreach (var target in set.Targets!)
        {
            // Names stand at the same place in each record, whole or ending in a pointer.
            var owner = at + set.NameOffsets![0];
            if (target is not null && told?.Add(target) != false)
            {
                // The root stands for the owner of the set (RFC 9460, 2.5), which its first record points to.
                if (writer.Buffer[owner] == 0)
                    owner = BinaryPrimitives.ReadUInt16BigEndian(writer.Buffer[start..]) & ResponseWriter.FarthestPointer;
                AddTarget(set, target, owner, ref writer, cut);
            }

            at += RecordSet.HeadLength + BinaryPrimitives.ReadUInt16BigEndian(writer.Buffer[(at + RecordSet.HeadLength - 2)..]);
        }
    }

    private static void AddTarget(RecordSet answer, ZoneNode target, int owner, ref ResponseWriter writer, ZoneNode? cut)
    {
        foreach (var set in target.Sets)
        {
            // A service that is had elsewhere brings what is said of it there (RFC 9460, 4.1).
            var isService = set.Type is RecordType.Svcb or RecordType.Https && set.Type == answer.Type && !ReferenceEquals(set, answer);
            if (set.Type is not (RecordType.A or RecordType.Aaaa) && !isService)
                continue;
            if (owner <= ResponseWriter.FarthestPointer ? writer.TryWrite(set, owner) : writer.TryWriteFar(set, target.Name.Wire))
                writer.Additionals += (ushort)set.Count;
            else if (cut is not null && target.Name.IsWithin(cut.Name))
                writer.IsTruncated = true; // Without it the delegation cannot be followed (RFC 9471, 3.1).
        }
    }
}
