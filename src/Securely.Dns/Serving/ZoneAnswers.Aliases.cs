namespace Securely.Dns;

/// <content>Aliases: those in the zone, those that a DNAME makes, and those that leave the zone.</content>
internal sealed partial class ZoneAnswers
{
    /// <summary>How many aliases are followed.</summary>
    internal const int MostAliases = 16;

    private readonly byte[] _alias = new byte[WireName.Maximum];

    // The names that have been looked up: the question's, and where each alias led.
    private readonly byte[] _names = new byte[(MostAliases + 1) * WireName.Maximum];
    private readonly int[] _nameLengths = new int[MostAliases + 1];
    private readonly ZoneNode?[] _redirects = new ZoneNode?[MostAliases + 1];
    private int _nameCount;
    private int _redirectCount;
    private int _outsideAt;

    /// <summary>Where the last answer's aliases lead out of their zone, so that somebody else knows the rest; null where they do not.</summary>
    internal NameKey? Outside { get; private set; }

    private bool Follow(Zone zone, RecordSet alias, ref int owner, ref ResponseWriter writer)
    {
        var start = writer.Position;
        if (!writer.TryWrite(alias, owner))
        {
            writer.IsTruncated = true;
            return false;
        }

        writer.Answers++;
        owner = start + RecordSet.HeadLength;
        return Enter(zone, alias.First, owner);
    }

    // Goes to the name that an alias leads to, which stands in the message at owner; false where that is the end.
    private bool Enter(Zone zone, ReadOnlySpan<byte> name, int owner)
    {
        if (_aliasKey.TryLoad(name) == 0 || !TryRemember(_aliasKey))
            return false;
        return WireName.IsWithin(_aliasKey.Lower, zone.Apex.Lower) || Leave(owner);
    }

    // False for a name that has been looked up already, so that the aliases are a loop, and where there are too many.
    private bool TryRemember(NameKey key)
    {
        for (var i = 0; i < _nameCount; i++)
        {
            if (key.Lower.SequenceEqual(_names.AsSpan(i * WireName.Maximum, _nameLengths[i])))
                return false;
        }

        if (_nameCount > MostAliases)
            return false;
        key.Lower.CopyTo(_names.AsSpan(_nameCount * WireName.Maximum));
        _nameLengths[_nameCount++] = key.Length;
        return true;
    }

    // RFC 6672, 3.2: what is below the owner is below the target.
    private bool Redirect(Zone zone, NameKey key, ZoneNode node, int away, RecordType type, ref int owner, ref ResponseWriter writer)
    {
        writer.IsAuthoritative |= writer.Answers == 0;
        var set = node.Find(RecordType.Dname)!;
        var target = set.First;
        if (!TryTell(node, set, OwnerOf(zone, key, away, owner, writer), ref writer))
            return false;
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

    // A chain may come through one DNAME several times, and says it once.
    private bool TryTell(ZoneNode node, RecordSet set, int owner, ref ResponseWriter writer)
    {
        if (_redirects.AsSpan(0, _redirectCount).Contains(node))
            return true;
        if (!writer.TryWrite(set, owner))
        {
            writer.IsTruncated = true;
            return false;
        }

        writer.Answers++;
        _redirects[_redirectCount++] = node;
        return true;
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
        return type != RecordType.Cname && Enter(zone, name, owner);
    }

    // The name in _aliasKey is not of this zone; it stands in the message, whole, at owner.
    private bool Leave(int owner)
    {
        (Outside, _outsideAt) = (_aliasKey, owner);
        return false;
    }
}
