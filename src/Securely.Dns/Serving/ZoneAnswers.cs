namespace Securely.Dns;

/// <summary>
/// Answers questions from a zone (RFC 1034, 4.3.2; RFC 4592; RFC 6672): 1. the name, or its closest encloser; 2. a delegation above it makes a
/// referral; 3. a DNAME makes an alias; 4. a wildcard stands in; 5. records, an alias to follow, no data, or no such name. One thread at a time.
/// </summary>
internal sealed partial class ZoneAnswers
{
    private readonly NameKey _aliasKey = new();

    /// <summary>
    /// What the last answer has in common with those that the same records give under other names, as a hash: the owner of the records, the
    /// delegation, or the zone that denies the name.
    /// </summary>
    internal uint Kind { get; private set; }

    /// <summary>Fills in the sections.</summary>
    /// <param name="zone">The zone that the name is in.</param>
    /// <param name="key">The question's name.</param>
    /// <param name="type">The question's type.</param>
    /// <param name="wantsProof">Whether the client understands DNSSEC.</param>
    /// <param name="writer">Takes the answer; the question is in it.</param>
    internal void Answer(Zone zone, NameKey key, RecordType type, bool wantsProof, ref ResponseWriter writer)
    {
        _nameCount = _redirectCount = 0;
        TryRemember(key);
        Answer(zone, key, type, wantsProof, ResponseWriter.QuestionOffset, ref writer);
    }

    /// <summary>Goes on with <see cref="Outside"/> in the zone that it is in; what is known of the aliases so far stays.</summary>
    internal void Continue(Zone zone, RecordType type, bool wantsProof, ref ResponseWriter writer) => Answer(zone, _aliasKey, type, wantsProof, _outsideAt, ref writer);

    private void Answer(Zone zone, NameKey key, RecordType type, bool wantsProof, int owner, ref ResponseWriter writer)
    {
        Outside = null;
        writer.ApexOffset = owner + key.Offset(key.Labels - zone.ApexLabels);
        while (Step(zone, key, type, wantsProof, ref owner, ref writer))
            key = _aliasKey;
    }

    // One name; true when an alias leads to another one, which is in _aliasKey then and stands in the message at owner.
    private bool Step(Zone zone, NameKey key, RecordType type, bool wantsProof, ref int owner, ref ResponseWriter writer)
    {
        var away = 0;
        ZoneNode? node;
        int found;
        while ((found = zone.Find(key, away, out node)) == 0)
            away++;
        Note(key.Hash(away));
        if (node is null)
        {
            AnswerFromRun(zone, RecordSlab.Run(zone.Table.Chunks, found), away, type, owner, ref writer);
            return false;
        }

        if (node.Cover is { } cover && !(away == 0 && ReferenceEquals(cover, node) && type == RecordType.Ds))
        {
            var coverAway = key.Labels - cover.Name.LabelCount;
            Note(key.Hash(coverAway));
            if (!cover.IsDelegation)
                return Redirect(zone, key, cover, coverAway, type, ref owner, ref writer);
            Refer(cover, OwnerOf(zone, key, coverAway, owner, writer), wantsProof, ref writer);
            return false;
        }

        if (away > 0)
        {
            if (node.Find(RecordType.Dname) is not null)
                return Redirect(zone, key, node, away, type, ref owner, ref writer);
            if (node.Wildcard is not { } wildcard)
            {
                DenyName(zone, ref writer);
                return false;
            }

            node = wildcard;
            Note(node.Name.Hash);
        }

        return AnswerFrom(zone, node, type, ref owner, ref writer);
    }

    // Where an alias is followed, it is what equal answers have in common.
    private void Note(uint kind)
    {
        if (_nameCount == 1)
            Kind = kind;
    }

    // Nothing is linked with such a name: no alias, no wildcard, nothing that takes it out of the zone.
    private void AnswerFromRun(Zone zone, in RecordRun run, int away, RecordType type, int owner, ref ResponseWriter writer)
    {
        if (away > 0)
        {
            DenyName(zone, ref writer);
            return;
        }

        writer.IsAuthoritative |= writer.Answers == 0;
        var found = false;
        for (var body = run.Body; !body.IsEmpty;)
        {
            var set = new RunSet(body);
            body = body[set.Bytes.Length..];
            if (set.Type != type && type != RecordType.Any)
                continue;
            if (!found)
                Note(Kind ^ (uint)type);
            found = true;
            if (writer.TryWritePlain(set.Bytes, owner))
                writer.Answers += (ushort)set.Count;
            else
                writer.IsTruncated = true;
            // RFC 8482, 4.1, as below.
            if (type != RecordType.Any || !writer.IsStream)
                return;
        }

        if (!found)
            DenyData(zone, ref writer);
    }

    private bool AnswerFrom(Zone zone, ZoneNode node, RecordType type, ref int owner, ref ResponseWriter writer)
    {
        writer.IsAuthoritative |= writer.Answers == 0;
        if (type == RecordType.Any)
        {
            Note(Kind ^ (uint)type);
            AnswerAny(zone, node, owner, ref writer);
            return false;
        }

        RecordSet? alias = null;
        foreach (var set in node.Sets)
        {
            if (set.Type == type)
            {
                Note(Kind ^ (uint)type);
                AnswerWith(set, owner, ref writer);
                return false;
            }

            if (set.Type == RecordType.Cname)
                alias = set;
        }

        if (alias is not null)
            return Follow(zone, alias, ref owner, ref writer);
        DenyData(zone, ref writer);
        return false;
    }

    private static void AnswerWith(RecordSet set, int owner, ref ResponseWriter writer)
    {
        var start = writer.Position;
        if (!writer.TryWrite(set, owner))
        {
            writer.IsTruncated = true;
            return;
        }

        writer.Answers += (ushort)set.Count;
        if (set.Targets is not null)
            AddTargets(set, start, ref writer);
    }

    private static void Refer(ZoneNode cut, int owner, bool wantsProof, ref ResponseWriter writer)
    {
        var set = cut.Find(RecordType.Ns)!;
        var start = writer.Position;
        if (!writer.TryWrite(set, owner))
        {
            writer.IsTruncated = true;
            return;
        }

        writer.Authorities += (ushort)set.Count;
        if (wantsProof && cut.Find(RecordType.Ds) is { } signer && writer.TryWrite(signer, owner))
            writer.Authorities += (ushort)signer.Count;
        if (set.Targets is not null)
            AddTargets(set, start, ref writer, cut);
    }

    private void DenyName(Zone zone, ref ResponseWriter writer)
    {
        Kind = zone.Apex.Hash;
        writer.Code = ResponseCode.NoSuchName;
        writer.IsAuthoritative |= writer.Answers == 0;
        DenyData(zone, ref writer);
    }

    private static void DenyData(Zone zone, ref ResponseWriter writer)
    {
        if (writer.TryWrite(zone.NegativeSoa, writer.ApexOffset))
            writer.Authorities++;
        else
            writer.IsTruncated = true;
    }

    // Where an ancestor of the current name stands: names that were made or followed end in a pointer to the zone's name.
    private static int OwnerOf(Zone zone, NameKey key, int away, int owner, in ResponseWriter writer) =>
        key.Labels - away == zone.ApexLabels ? writer.ApexOffset : owner + key.Offset(away);
}
