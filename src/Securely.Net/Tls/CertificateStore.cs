namespace Securely.Net;

/// <summary>Certificates that were given one by one, and that can be replaced while the server runs. Thread-safe; looking one up takes no lock.</summary>
/// <remarks>
/// For a name an exact match is best, then a wildcard; of several certificates with the same name the first is taken, and the first of all answers
/// for names that none has and for clients that send none, as the default server of nginx does.
/// </remarks>
public sealed class CertificateStore : CertificateSource
{
    private Snapshot _snapshot;

    /// <summary>Makes a store. Without certificates it refuses every handshake until some are given.</summary>
    /// <param name="certificates">The certificates; the first is the default.</param>
    public CertificateStore(params IEnumerable<ServerCertificate> certificates)
    {
        ArgumentNullException.ThrowIfNull(certificates);
        _snapshot = new Snapshot([.. certificates]);
    }

    /// <summary>The certificates that the next handshake chooses from.</summary>
    public IReadOnlyList<ServerCertificate> Certificates => Volatile.Read(ref _snapshot).All;

    /// <inheritdoc/>
    public override ValueTask<ServerCertificate?> FindAsync(string serverName, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(serverName);
        return new(Volatile.Read(ref _snapshot).Find(serverName));
    }

    /// <summary>Puts other certificates in place of all, from the next handshake on; connections that stand keep what they began with.</summary>
    /// <param name="certificates">The certificates; the first is the default.</param>
    public void Replace(IReadOnlyList<ServerCertificate> certificates)
    {
        ArgumentNullException.ThrowIfNull(certificates);
        Volatile.Write(ref _snapshot, new Snapshot([.. certificates]));
    }

    /// <summary>What is wrong with the certificates, as <see cref="ServerCertificate.WarningsAt"/> says it.</summary>
    /// <param name="now">The time to judge by.</param>
    /// <returns>Usually nothing.</returns>
    public IReadOnlyList<string> WarningsAt(DateTimeOffset now) => [.. Certificates.SelectMany(certificate => certificate.WarningsAt(now))];

    /// <summary>Puts one certificate in the place of another, if that is still there.</summary>
    internal bool TryReplace(ServerCertificate old, ServerCertificate replacement)
    {
        while (true)
        {
            var seen = Volatile.Read(ref _snapshot);
            if (!seen.All.Contains(old))
                return false;
            var next = new Snapshot([.. seen.All.Select(certificate => ReferenceEquals(certificate, old) ? replacement : certificate)]);
            if (ReferenceEquals(Interlocked.CompareExchange(ref _snapshot, next, seen), seen))
                return true;
        }
    }

    /// <summary>One state of the store; never changed.</summary>
    private sealed class Snapshot
    {
        private readonly Dictionary<string, ServerCertificate> _exact = new(StringComparer.Ordinal);

        // By what follows the star, the dot included.
        private readonly Dictionary<string, ServerCertificate> _wildcards = new(StringComparer.Ordinal);
        private readonly Dictionary<string, ServerCertificate>.AlternateLookup<ReadOnlySpan<char>> _wildcardsBySpan;

        public Snapshot(ServerCertificate[] all)
        {
            All = all;
            foreach (var certificate in all)
            {
                foreach (var name in certificate.Names)
                {
                    if (ServerCertificate.IsWildcard(name))
                        _wildcards.TryAdd(name[1..], certificate);
                    else
                        _exact.TryAdd(name, certificate);
                }
            }

            _wildcardsBySpan = _wildcards.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public ServerCertificate[] All { get; }

        public ServerCertificate? Find(string name)
        {
            if (_exact.TryGetValue(name, out var found))
                return found;
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            if (dot > 0 && _wildcardsBySpan.TryGetValue(name.AsSpan(dot), out found))
                return found;
            return All.Length > 0 ? All[0] : null;
        }
    }
}
