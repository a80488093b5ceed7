using System.Net;

namespace Securely.Dns.Tests.Serving;

/// <summary>NSD and Knot with the fixture zone, to compare with.</summary>
internal static class NeighbourServer
{
    /// <summary>NSD, with the names and the key that our fixture has.</summary>
    /// <param name="zoneFile">The zone without <c>$GENERATE</c>, which NSD does not know.</param>
    public static Task<ExternalServer> StartNsdAsync(string zoneFile) => ExternalServer.StartAsync(new ExternalProgram
    {
        Name = "nsd",
        Package = "nsd",
        Arguments = site => ["-d", "-c", site.ConfigurationFile],
        Configuration = site => $"""
            server:
              ip-address: 127.0.0.1
              port: {site.Port}
              server-count: 1
              username: ""
              chroot: ""
              zonesdir: "{site.Directory}"
              xfrdir: "{site.Directory}"
              pidfile: "{site.Directory}/nsd.pid"
              xfrdfile: "{site.Directory}/xfrd.state"
              zonelistfile: "{site.Directory}/zone.list"
              database: ""
              minimal-responses: yes
              version: "fixture 1"
              identity: "ns.fixture"
              nsid: "ascii_ns.fixture"
            remote-control:
              control-enable: no
            key:
              name: tkey
              algorithm: hmac-sha256
              secret: "c2VjcmV0c2VjcmV0c2VjcmV0"
            zone:
              name: example.test
              zonefile: "{zoneFile}"
              provide-xfr: 127.0.0.1 tkey

            """,
    });

    /// <summary>Knot, the same.</summary>
    public static Task<ExternalServer> StartKnotAsync(string zoneFile) => ExternalServer.StartAsync(new ExternalProgram
    {
        Name = "knotd",
        Package = "knot",
        Arguments = site => ["-c", site.ConfigurationFile],
        Configuration = site => $"""
            server:
                rundir: "{site.Directory}"
                pidfile: "{site.Directory}/knot.pid"
                listen: 127.0.0.1@{site.Port}
                udp-workers: 1
                tcp-workers: 1
                background-workers: 1
                version: "fixture 1"
                identity: "ns.fixture"
                nsid: "ns.fixture"
            database:
                storage: "{site.Directory}"
            control:
                listen: "{site.Directory}/knot.sock"
            key:
              - id: tkey
                algorithm: hmac-sha256
                secret: c2VjcmV0c2VjcmV0c2VjcmV0
            acl:
              - id: transfer
                key: tkey
                action: [transfer, update]
            zone:
              - domain: example.test
                storage: "{site.Directory}"
                file: "{zoneFile}"
                acl: transfer
                zonefile-sync: -1
                journal-content: none

            """,
    });

    /// <summary>The fixture zone, each record by itself.</summary>
    public static string WriteZone(TemporaryDirectory directory)
    {
        var text = new StringWriter();
        ZoneFileWriter.Write(RunningNameServer.Fixture(), text);
        return directory.Write("expanded.zone", text.ToString());
    }

    /// <summary>Asks with <c>dig</c>, as the checks do.</summary>
    public static async Task<DigAnswer> DigAsync(EndPoint server, params string[] arguments) => DigAnswer.Read(await RunningNameServer.RunAsync(
        "dig", "bind9-dnsutils", ["@127.0.0.1", "-p", $"{((IPEndPoint)server).Port}", "+tries=1", "+time=10", "+nocookie", "+norec", .. arguments]));
}
