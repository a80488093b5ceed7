using System.Net;

namespace Securely.Dns;

/// <summary>
/// Follows a question through the same snapshots as <see cref="ZoneAnswers"/> does, and says at each turn what is there. The answer beside it is the
/// gate's own, so that the two can be compared.
/// </summary>
internal sealed class QuestionTrace(ServerState state)
{
    private readonly List<DnsDecision> _steps = [];
    private DomainName? _outside;

    /// <summary>Explains an answer.</summary>
    /// <param name="message">The question.</param>
    /// <param name="client">Who asks.</param>
    /// <param name="isStream">Whether over a stream.</param>
    internal DnsExplanation Explain(DnsMessage message, IPAddress client, bool isStream)
    {
        var address = (client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client).GetAddressBytes();
        var question = message.Questions[0];
        if (Admit(question, client, address))
            Search(question, message.Edns is { WantsProof: true }, message.RecursionDesired, address);
        var response = new byte[FieldWire.Maximum];
        var length = new Responder(state, isLimited: false).Respond(message.Encode(), response, address, isStream);
        if (length == 0 || !DnsMessage.TryDecode(response.AsSpan(0, length), out var answer))
        {
            Add("answer", "There is no answer yet: it is not from here");
            return new DnsExplanation(_steps, null);
        }

        Add("answer", $"{ResponseCodeText.NameOf(answer.Code)}{(answer.IsAuthoritative ? " with authority" : "")}, {length} bytes{(answer.IsTruncated ? ": it does not fit, so the client is to ask over a stream" : "")}");
        return new DnsExplanation(_steps, answer);
    }

    private bool Admit(Question question, IPAddress client, ReadOnlySpan<byte> address)
    {
        if (!state.Allowed.IsEmpty && !state.Allowed.Contains(address))
        {
            Add("gate", $"[{client}] is in no network that may ask, so it is refused");
            return false;
        }

        Add("gate", state.Allowed.IsEmpty ? $"Everybody may ask, so {client} may" : $"{client} is in a network that may ask");
        if (question.Class == RecordClass.In && !Responder.IsMeta(question.Type))
            return true;
        Add("gate", question.Class switch
        {
            RecordClass.Chaos => "Class CH asks about the server itself",
            RecordClass.In when question.Type is RecordType.Axfr or RecordType.Ixfr => "A whole zone goes over streams only, to those who may have it",
            RecordClass.In => $"{Records.ResourceRecord.TypeName(question.Type)} is nothing that records have",
            _ => "There are no names of this class",
        });
        return false;
    }

    private void Search(Question question, bool wantsProof, bool wantsRecursion, ReadOnlySpan<byte> address)
    {
        var view = state.ViewOf(address);
        if (view.Number > 0)
            Add("view", $"The client is in the networks of view {view.Number}");
        var key = new NameKey();
        key.TryLoad(question.Name.Wire);
        var table = state.Catalog.Table;
        if (view.Find(key) is not { } zone)
        {
            Add("zone", $"No zone here has {question.Name}");
            SendOn(view.Recursion, key, wantsRecursion, address);
            return;
        }

        if (question.Type == RecordType.Ds && zone.ApexLabels == key.Labels && view.Find(key, 1) is { } parent)
        {
            Add("zone", $"{zone.Apex} is a zone here, but what is said of its delegation is its parent's");
            zone = parent;
        }

        Add("zone", $"{zone.Apex} with serial {zone.Serial} is the closest zone of {table.Zones.Length}");
        var name = question.Name;
        var seen = new HashSet<DomainName> { name };
        for (var aliases = 0; aliases <= ZoneAnswers.MostAliases && Visit(zone, name, question.Type, wantsProof, seen) is { } next; aliases++)
            name = next;
        if (_outside is { } outside && wantsRecursion)
            GoOn(view, outside, address);
    }

    // What the gate does with an alias that leads out of its zone.
    private void GoOn(ServerView view, DomainName outside, ReadOnlySpan<byte> address)
    {
        var key = new NameKey();
        key.TryLoad(outside.Wire);
        if (view.Find(key) is { } zone)
            Add("zone", $"{outside} is in {zone.Apex}, which is here too, so it is followed");
        else
            SendOn(view.Recursion, key, wantsRecursion: true, address);
    }

    private void SendOn(Recursion? recursion, NameKey name, bool wantsRecursion, ReadOnlySpan<byte> address)
    {
        if (recursion is null)
            Add("forward", "Nobody is named who is asked for names of others (dns.forward)");
        else if (!recursion.Allowed.Contains(address))
            Add("forward", "The client is in no network that may ask for names of others (dns.recursion)");
        else if (!wantsRecursion)
            Add("forward", "The client does not want others to be asked");
        else if (recursion.BelowUnrouted(name) >= 0)
            Add("forward", "Such names stay within a network, so nobody is asked (RFC 6303, RFC 6761); a route or a zone of that name answers them");
        else if (recursion.Options.Names is { } names && names.IsBlocked(name))
            Add("forward", "A list blocks it (dns.block)");
        else
            Add("forward", $"Others are asked, unless the answer is still known: {string.Join(", ", UpstreamsFor(recursion.Options, name))}");
    }

    private static IEnumerable<DnsUpstream> UpstreamsFor(ForwardingOptions options, NameKey name)
    {
        var lower = name.Lower.ToArray();
        return options.Routes.Where(route => lower.Length >= route.Domain.Lower.Length && WireName.IsWithin(lower, route.Domain.Lower)).MaxBy(route => route.Domain.LabelCount)?.Upstreams ?? options.Upstreams;
    }

    // Where an alias leads within the zone; null where the search ends.
    private DomainName? Visit(Zone zone, DomainName name, RecordType type, bool wantsProof, HashSet<DomainName> seen)
    {
        var closest = name;
        ZoneNode? node;
        while ((node = zone.Find(closest)) is null)
            closest = closest.Parent!;
        var isExact = closest.Equals(name);
        if (node.Cover is { } cover && !(isExact && ReferenceEquals(cover, node) && type == RecordType.Ds))
        {
            if (!cover.IsDelegation)
                return Redirect(zone, name, cover, seen);
            Add("name", $"{cover.Name} is delegated, so its name servers are told{(wantsProof && cover.Find(RecordType.Ds) is not null ? ", with its DS" : "")}");
            return null;
        }

        if (isExact)
        {
            Add("name", node.Sets.Length > 0 ? $"{name} is there" : $"{name} has no records, but there are names below it");
            return Choose(zone, node, name, type, seen);
        }

        if (node.Find(RecordType.Dname) is not null)
            return Redirect(zone, name, node, seen);
        if (node.Wildcard is { } wildcard)
        {
            Add("name", $"{name} is not there; {closest} is the closest that is, and {wildcard.Name} stands in");
            return Choose(zone, wildcard, name, type, seen);
        }

        Add("name", $"{name} is not there; {closest} is the closest that is, and it has no wildcard: no such name, remembered for {zone.NegativeSoa.Ttl} s");
        return null;
    }

    private DomainName? Choose(Zone zone, ZoneNode node, DomainName name, RecordType type, HashSet<DomainName> seen)
    {
        if (type == RecordType.Any && node.Sets.Length > 0)
        {
            Add("records", $"ANY gets one set over a datagram ({Records.ResourceRecord.TypeName(node.Sets[0].Type)}), and all {node.Sets.Length} over a stream");
            return null;
        }

        if (node.Find(type) is { } set)
        {
            Add("records", $"{set.Count} {(set.Count == 1 ? "record" : "records")} of type {Records.ResourceRecord.TypeName(type)}, remembered for {set.Ttl} s");
            return null;
        }

        if (node.Find(RecordType.Cname) is not { } alias)
        {
            Add("records", $"None of type {Records.ResourceRecord.TypeName(type)}: no data, remembered for {zone.NegativeSoa.Ttl} s");
            return null;
        }

        return Follow(zone, name, DomainName.OfValid(alias.First), "an alias of", seen);
    }

    private DomainName? Redirect(Zone zone, DomainName name, ZoneNode node, HashSet<DomainName> seen)
    {
        var target = node.Find(RecordType.Dname)!.First;
        var prefix = name.Wire[..(name.Wire.Length - node.Name.Wire.Length)];
        if (prefix.Length + target.Length > WireName.Maximum)
        {
            Add("name", $"Below {node.Name} everything is below another name, but {name} would become too long by that");
            return null;
        }

        Add("name", $"Below {node.Name} everything is below {DomainName.OfValid(target)} (DNAME)");
        return Follow(zone, name, DomainName.OfValid([.. prefix, .. target]), "made an alias of", seen);
    }

    private DomainName? Follow(Zone zone, DomainName name, DomainName target, string how, HashSet<DomainName> seen)
    {
        if (!seen.Add(target))
        {
            Add("records", $"{name} is {how} {target}, which was seen already: the aliases are a loop");
            return null;
        }

        var isWithin = target.IsWithin(zone.Apex);
        Add("records", $"{name} is {how} {target}, which is {(isWithin ? "followed" : "outside of the zone")}");
        _outside = isWithin ? null : target;
        return isWithin ? target : null;
    }

    private void Add(string stage, string text) => _steps.Add(new DnsDecision(stage, text));
}
