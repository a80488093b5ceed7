using System.Buffers.Binary;

namespace Securely.Dns;

// Names of our own whose parent is elsewhere, and names that nobody elsewhere is asked for.
internal sealed partial class Responder
{
    // What is said of a delegation stands above it; a name of one label has only the root above it, which knows of no such name here.
    private bool IsForParent => _query.Type == RecordType.Ds && _query.Name.Labels > 1;

    // Whether others answer for the delegation of a zone of ours (RFC 4035, 3.1.4.1). Where they know of none, the zone is of this network only.
    private bool AsksParent(Zone zone, ServerView view, ReadOnlySpan<byte> request, ReadOnlySpan<byte> address, ref ResponseWriter writer)
    {
        if (!IsForParent || zone.ApexLabels != _query.Name.Labels || !_isRecursive || (request[2] & 1) == 0)
            return false;
        Recurse(view.Recursion, request, address, ref writer);
        if (Wanted.Key is not null || writer.Code is not (ResponseCode.NoSuchName or ResponseCode.Refused))
            return true;
        Fail(ref writer);
        (writer.Code, _error) = (ResponseCode.Success, ExtendedErrors.None);
        return false;
    }

    // The SOA says for how long there is nothing (RFC 2308); the domain itself exists, but for those of RFC 6761.
    private void DenyUnrouted(int below, ref ResponseWriter writer)
    {
        writer.Code = below == 0 && _query.Name.Labels > 1 ? ResponseCode.Success : ResponseCode.NoSuchName;
        writer.IsAuthoritative = true;
        _kind = _query.Name.Hash(below);
        if (writer.Position + RecordSet.HeadLength + _blockedSoa.Length > writer.Limit)
            return;
        RecordSet.WriteHead(writer.Buffer[writer.Position..], RecordType.Soa, 60, _blockedSoa.Length);
        BinaryPrimitives.WriteUInt16BigEndian(writer.Buffer[writer.Position..], (ushort)(ResponseWriter.Pointer | (ResponseWriter.QuestionOffset + _query.Name.Offset(below))));
        _blockedSoa.CopyTo(writer.Buffer[(writer.Position + RecordSet.HeadLength)..]);
        writer.Position += RecordSet.HeadLength + _blockedSoa.Length;
        writer.Authorities = 1;
    }
}
