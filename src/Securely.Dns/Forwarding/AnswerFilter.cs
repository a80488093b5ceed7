using System.Buffers.Binary;

namespace Securely.Dns;

/// <summary>
/// Takes what belongs to the question out of an upstream's answer, and nothing else: the chain of aliases from the question's name to the records
/// of its type, or the SOA that says how long there are none. What an upstream adds besides could be anybody's (bailiwick); it is thrown away.
/// </summary>
internal sealed class AnswerFilter(DnsCacheOptions options, NamePolicy? names, AddressGuard? guard)
{
    private const int MostAliases = 16;
    private readonly DnsWriter _writer = new(new byte[FieldWire.Maximum], new NameCompressor());
    private readonly NameKey _target = new();

    /// <summary>Makes an entry of an answer.</summary>
    /// <param name="key">The question.</param>
    /// <param name="message">The upstream's answer to it.</param>
    /// <param name="isTrusted">Whether private addresses are what is to be expected.</param>
    /// <param name="now">The time of the cache's clock.</param>
    /// <returns>Null when it is no answer: a failure, or a hint that somebody else shall be asked.</returns>
    internal CacheEntry? Build(ForwardKey key, DnsMessage message, bool isTrusted, long now)
    {
        if (message.Code is not (ResponseCode.Success or ResponseCode.NoSuchName))
            return null;
        var chain = new List<ResourceRecord>();
        var name = DomainName.OfValid(key.Name);
        var isFound = Follow(key, message.Answers, ref name, chain, out var isForbidden);
        if (isForbidden)
            return Refusal(key, ResponseCode.NoSuchName, ExtendedErrors.Blocked, "an alias leads to a blocked name", now);
        if (isFound && message.Code == ResponseCode.NoSuchName)
            return null;
        if (!isTrusted && guard is not null && chain.RemoveAll(record => guard.IsForbidden(record)) > 0 && !chain.Exists(record => record.Type == key.Type))
            return Refusal(key, ResponseCode.Success, ExtendedErrors.Blocked, "only private addresses, which an upstream may not give", now);
        var proof = new List<ResourceRecord>();
        var soa = isFound ? null : FindSoa(message, name);
        if (soa is null && !isFound && chain.Count == 0 && message.Code == ResponseCode.Success && message.Authorities.Any(record => record.Type == RecordType.Ns))
            return null;
        var ttl = Cap(options.MaximumTtl);
        if (soa is not null)
        {
            ttl = Math.Min(Cap(options.MaximumNegativeTtl), Math.Min(soa.Ttl, Minimum(soa)));
            proof.Add(soa);
        }
        else if (!isFound)
        {
            // Nobody has said for how long that is so (RFC 2308, 5).
            ttl = 0;
        }

        if ((key.Flags & QuestionFlags.WantsProof) != 0)
            proof.AddRange(message.Authorities.Where(record => IsProof(record, soa, chain)));
        return Encode(key, message.Code, chain, proof, ttl, soa, now);
    }

    /// <summary>What is kept of a question that nobody answers (RFC 9520).</summary>
    internal static CacheEntry Failure(ForwardKey key, int error, string text, long now, ResponseCode code = ResponseCode.ServerFailure) => Refusal(key, code, error, text, now, 5);

    // Goes from alias to alias; true when records of the type are at the end.
    private bool Follow(ForwardKey key, IReadOnlyList<ResourceRecord> records, ref DomainName name, List<ResourceRecord> chain, out bool isForbidden)
    {
        isForbidden = false;
        _target.TryLoad(key.Name);
        var judge = names is null || names.IsAllowed(_target) ? null : names;
        for (var hops = 0; hops <= MostAliases; hops++)
        {
            var here = name;
            var matching = records.Where(record => record.Name.Equals(here) && record.Class == RecordClass.In).ToList();
            var found = matching.Where(record => record.Type == key.Type || key.Type == RecordType.Any).ToList();
            if (found.Count > 0)
            {
                chain.AddRange(found);
                chain.AddRange(matching.Where(record => IsSignatureOf(record, key.Type) && !found.Contains(record)));
                return true;
            }

            if (matching.Find(record => record.Type == RecordType.Cname) is not { } alias)
                return false;
            var redirect = records.FirstOrDefault(record => record.Type == RecordType.Dname && here.LabelCount > record.Name.LabelCount && here.IsWithin(record.Name));
            if (redirect is not null && !chain.Contains(redirect))
            {
                chain.Add(redirect);
                chain.AddRange(records.Where(record => record.Name.Equals(redirect.Name) && IsSignatureOf(record, RecordType.Dname)));
            }

            chain.Add(alias);
            chain.AddRange(matching.Where(record => IsSignatureOf(record, RecordType.Cname)));
            name = DomainName.FromWire(alias.Data.Span);
            _target.TryLoad(name.Wire);
            if (judge is not null && judge.IsBlocked(_target))
                return !(isForbidden = true);
            if (chain.Exists(record => record.Type == RecordType.Cname && record.Name.Equals(DomainName.FromWire(alias.Data.Span))))
                return false;
        }

        return false;
    }

    private static bool IsSignatureOf(ResourceRecord record, RecordType type) =>
        record.Type == RecordType.Rrsig && BinaryPrimitives.ReadUInt16BigEndian(record.Data.Span) == (ushort)type;

    // The zone of the last name, or one above it: nobody else can say that something is missing.
    private static ResourceRecord? FindSoa(DnsMessage message, DomainName name) =>
        message.Authorities.FirstOrDefault(record => record.Type == RecordType.Soa && record.Class == RecordClass.In && name.IsWithin(record.Name));

    private static uint Minimum(ResourceRecord soa) => BinaryPrimitives.ReadUInt32BigEndian(soa.Data.Span[^4..]);

    private static uint Cap(TimeSpan time) => (uint)Math.Clamp(time.TotalSeconds, 0, int.MaxValue);

    // Signatures of the SOA, and the records that prove what is missing, of the zone that says so.
    private static bool IsProof(ResourceRecord record, ResourceRecord? soa, List<ResourceRecord> chain)
    {
        if (record.Class != RecordClass.In)
            return false;
        var covered = record.Type == RecordType.Rrsig ? (RecordType)BinaryPrimitives.ReadUInt16BigEndian(record.Data.Span) : record.Type;
        if (covered is not (RecordType.Nsec or RecordType.Nsec3) && !(covered == RecordType.Soa && record.Type == RecordType.Rrsig))
            return false;
        if (soa is not null)
            return record.Name.IsWithin(soa.Name);
        return chain.Exists(signature => signature.Type == RecordType.Rrsig && SignerOf(signature) is { } signer && signature.Name.IsWithin(signer) && record.Name.IsWithin(signer));
    }

    private static DomainName? SignerOf(ResourceRecord signature)
    {
        var length = WireName.Measure(signature.Data.Span[18..]);
        return length == 0 ? null : DomainName.OfValid(signature.Data.Span.Slice(18, length));
    }

    private CacheEntry? Encode(ForwardKey key, ResponseCode code, List<ResourceRecord> answers, List<ResourceRecord> authorities, uint ttl, ResourceRecord? soa, long now)
    {
        _writer.Clear();
        _writer.TryWrite([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        _writer.TryWriteName(DomainName.OfValid(key.Name));
        _writer.TryWrite16((ushort)key.Type);
        _writer.TryWrite16((ushort)RecordClass.In);
        var start = _writer.Position;
        foreach (var record in answers.Concat(authorities))
        {
            if (!_writer.TryWriteRecord(record))
                return null;
        }

        BinaryPrimitives.WriteUInt16BigEndian(_writer.Written[6..], (ushort)answers.Count);
        BinaryPrimitives.WriteUInt16BigEndian(_writer.Written[8..], (ushort)authorities.Count);
        return new CacheEntry
        {
            // A name that does not exist has no records of any type (RFC 2308, 5).
            Key = code == ResponseCode.NoSuchName && answers.Count == 0 ? key.OfAllTypes() : key,
            Code = code,
            Denier = code == ResponseCode.NoSuchName && soa is not null ? soa.Name.Hash : 0,
            Answers = (ushort)answers.Count,
            Authorities = (ushort)authorities.Count,
            TtlPlaces = FindTtls(_writer.Written, start, soa is null ? uint.MaxValue : ttl),
            Body = _writer.Written[start..].ToArray(),
            StoredAt = now,
            Ttl = answers.Concat(authorities).Aggregate(ttl, static (least, record) => Math.Min(least, record.Ttl)),
            UsedAt = (int)now,
        };
    }

    // Caps them on the way.
    private ushort[] FindTtls(Span<byte> message, int start, uint soaTtl)
    {
        var places = new List<ushort>();
        var walker = new RecordWalker(message);
        while (walker.Next())
        {
            var most = walker.Type == RecordType.Soa ? Math.Min(soaTtl, Cap(options.MaximumTtl)) : Cap(options.MaximumTtl);
            BinaryPrimitives.WriteUInt32BigEndian(message[(walker.DataStart - 6)..], Math.Min(walker.Ttl, most));
            places.Add((ushort)(walker.DataStart - 6 - start));
        }

        return [.. places];
    }

    private static CacheEntry Refusal(ForwardKey key, ResponseCode code, int error, string text, long now, uint ttl = 60) => new()
    {
        Key = key,
        Code = code,
        Error = error,
        ErrorText = System.Text.Encoding.UTF8.GetBytes(text),
        StoredAt = now,
        Ttl = ttl,
    };
}
