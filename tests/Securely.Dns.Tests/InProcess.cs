namespace Securely.Dns.Tests;

/// <summary>Asks zones through the whole gate, without a socket.</summary>
internal static class InProcess
{
    /// <summary>Asks one zone as a datagram would.</summary>
    public static DnsMessage Ask(Zone zone, DnsMessage question) => Ask(Responder(zone), question);

    /// <summary>Asks by name and type.</summary>
    public static DnsMessage Ask(Zone zone, string name, RecordType type, bool isStream = false) =>
        Ask(Responder(zone), new DnsMessage { Id = 0x1234, Questions = [new Question(DomainName.Parse(name), type)], Edns = new Edns() }, isStream);

    public static DnsMessage Ask(Responder responder, DnsMessage question, bool isStream = false)
    {
        var response = new byte[65535];
        var length = responder.Respond(question.Encode(), response, [127, 0, 0, 1], isStream);
        Assert.True(DnsMessage.TryDecode(response.AsSpan(0, length), out var message));
        Assert.Equal(question.Id, message.Id);
        return message;
    }

    public static Responder Responder(Zone zone, DnsServerOptions? options = null, TimeProvider? time = null)
    {
        var catalog = new Catalog();
        catalog.Put(zone);
        return new Responder(new ServerState(catalog, options ?? new DnsServerOptions(), time ?? TimeProvider.System), isLimited: true);
    }

    /// <summary>The zone of a text; it must be without errors.</summary>
    public static Zone Zone(string apex, string text)
    {
        var file = ZoneFileReader.ReadText(text, apex, DomainName.Parse(apex));
        Assert.True(Dns.Zone.TryBuild(file, out var zone), string.Join('\n', file.Problems));
        return zone;
    }
}
