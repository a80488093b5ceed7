namespace Securely.Dns;

/// <content>Aliases: those in the zone, those that a DNAME makes, and those that leave the zone.</content>
internal sealed partial class ZoneAnswers
{
    /// <summary>How many aliases are followed.</summary>
    internal const int MostAliases = 16;

    private readonly byte[] _alias = new byte[WireName.Maximum];
    private readonly ZoneNode?[] _visited = new ZoneNode?[MostAliases];
    private int _outsideAt;

    /// <summary>Where the last answer's aliases lead out of their zone, so that somebody else knows the rest; null where they do not.</summary>
    internal NameKey? Outside { get; private set; }

    private bool Follow(Zone zone, ZoneNode node, RecordSet alias, ref int owner, ref ResponseWriter writer)
    {
        // A node may be met again under another name where it is a wildcard; it still leads to the same target.
        for (var i = 0; i < _aliases; i++)
        {
            if (ReferenceEquals(_visited[i], node))
                return false;
        }

        var start = writer.Position;
        if (!writer.TryWrite(alias, owner))
        {
            writer.IsTruncated = true;
            return false;
        }

        writer.Answers++;
        if (_aliases == MostAliases)
            return false;
        _visited[_aliases++] = node;
        owner = start + RecordSet.HeadLength;
        if (_aliasKey.TryLoad(alias.First) == 0)
            return false;
        return WireName.IsWithin(_aliasKey.Lower, zone.Apex.Lower) || Leave(owner);
    }

    // RFC 6672, 3.2: what is below the owner is below the target.
    private bool Redirect(Zone zone, NameKey key, ZoneNode node, int away, RecordType type, ref int owner, ref ResponseWriter writer)
    {
        writer.IsAuthoritative |= writer.Answers == 0;
        var set = node.Find(RecordType.Dname)!;
        var target = set.First;
        if (!writer.TryWrite(set, OwnerOf(zone, key, away, owner, writer)))
        {
            writer.IsTruncated = true;
            return false;
        }

        writer.Answers++;
        var prefix = key.Offset(away);
        if (prefix + target.Length > WireName.Maximum)
        {
            writer.Code = ResponseCode.NameExists;
            return false;
        }

        key.Lower[..prefix].CopyTo(_alias);
        if (owner == ResponseWriter.QuestionOffset)
            writer.Buffer.Slice(owner, prefix).CopyTo(_alias);
        target.CopyTo(_alias.AsSpan(prefix));
        return FollowMade(zone, _alias.AsSpan(0, prefix + target.Length), set.Ttl, type, ref owner, ref writer);
    }

    private bool FollowMade(Zone zone, ReadOnlySpan<byte> name, uint ttl, RecordType type, ref int owner, ref ResponseWriter writer)
    {
        var start = writer.Position;
        var isWithin = WireName.IsWithin(name, zone.Apex.Lower);
        Span<byte> target = stackalloc byte[WireName.Maximum + 2];
        var length = isWithin && !zone.Apex.IsRoot ? name.Length - zone.Apex.Wire.Length : name.Length;
        name[..length].CopyTo(target);
        if (length < name.Length)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(target[length..], (ushort)(ResponseWriter.Pointer | writer.ApexOffset));
            length += 2;
        }

        if (!writer.TryWriteAlias(owner, ttl, target[..length]))
        {
            writer.IsTruncated = true;
            return false;
        }

        writer.Answers++;
        owner = start + RecordSet.HeadLength;
        if (++_aliases > MostAliases || type is RecordType.Cname or RecordType.Any)
            return false;
        _visited[_aliases - 1] = null;
        return _aliasKey.TryLoad(name) > 0 && (isWithin || Leave(owner));
    }

    // The name in _aliasKey is not of this zone; it stands in the message, whole, at owner.
    private bool Leave(int owner)
    {
        (Outside, _outsideAt) = (_aliasKey, owner);
        return false;
    }
}
