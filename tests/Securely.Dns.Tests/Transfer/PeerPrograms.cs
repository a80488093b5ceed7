using System.Net;

namespace Securely.Dns.Tests.Transfer;

/// <summary>The name servers of Debian as the other side: each with one zone, the key of the tests, and our server as its peer.</summary>
internal static class PeerPrograms
{
    private const string Secret = "c2VjcmV0c2VjcmV0c2VjcmV0";

    /// <summary>BIND with a zone of its own, which it tells us about.</summary>
    public static ExternalProgram BindPrimary(string zone, string text, IPEndPoint? us = null) =>
        Bind(zone, text, $"type primary; file \"{zone}.zone\"; allow-update {{ key tkey; }}; {(us is null ? "notify no;" : $"notify explicit; also-notify {{ {us.Address} port {us.Port} key tkey; }};")}");

    /// <summary>BIND with a copy of our zone. It waits long when we are not there when it starts.</summary>
    public static ExternalProgram BindSecondary(string zone, IPEndPoint us) =>
        Bind(zone, null, $"type secondary; file \"{zone}.copy\"; primaries {{ {us.Address} port {us.Port} key tkey; }}; allow-notify {{ key tkey; }}; notify no;");

    /// <summary>Knot with a zone of its own, which it tells us about.</summary>
    public static ExternalProgram KnotPrimary(string zone, string text, IPEndPoint us) => Knot(zone, text, us, "notify: us");

    /// <summary>Knot with a copy of our zone.</summary>
    public static ExternalProgram KnotSecondary(string zone, IPEndPoint us) => Knot(zone, null, us, "master: us");

    private static ExternalProgram Bind(string zone, string? text, string declaration) => new()
    {
        Name = "named",
        Package = "bind9",
        Arguments = site => ["-g", "-n", "1", "-c", site.ConfigurationFile],
        Configuration = site =>
        {
            Write(site, zone, text);
            return $$"""
                options {
                    directory "{{site.Directory}}"; managed-keys-directory "{{site.Directory}}"; pid-file none; session-keyfile none;
                    listen-on port {{site.Port}} { 127.0.0.1; }; listen-on-v6 { none; };
                    recursion no; dnssec-validation no; minimal-responses yes; notify-delay 0; min-refresh-time 1; min-retry-time 1;
                    allow-transfer { key tkey; };
                };
                controls { };
                key tkey { algorithm hmac-sha256; secret "{{Secret}}"; };
                zone "{{zone}}" { {{declaration}} };

                """;
        },
    };

    private static ExternalProgram Knot(string zone, string? text, IPEndPoint us, string role) => new()
    {
        Name = "knotd",
        Package = "knot",
        Arguments = site => ["-c", site.ConfigurationFile],
        Configuration = site =>
        {
            Write(site, zone, text);
            return $"""
                server:
                    rundir: {site.Directory}
                    listen: 127.0.0.1@{site.Port}
                log:
                  - target: stderr
                    any: info
                database:
                    storage: {site.Directory}
                key:
                  - id: tkey
                    algorithm: hmac-sha256
                    secret: {Secret}
                remote:
                  - id: us
                    address: {us.Address}@{us.Port}
                    key: tkey
                acl:
                  - id: all
                    key: tkey
                    action: [transfer, notify, update]
                zone:
                  - domain: {zone}
                    storage: {site.Directory}
                    file: {zone}.zone
                    {role}
                    acl: all
                    zonefile-sync: -1

                """;
        },
    };

    private static void Write(ExternalServerSite site, string zone, string? text)
    {
        if (text is not null)
            File.WriteAllText(Path.Combine(site.Directory, zone + ".zone"), text);
    }
}
