using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;

namespace Securely.Net;

/// <summary>
/// An authority of this machine, which signs for names that lead nowhere else: <c>localhost</c>, everything below it, and everything below
/// <c>test</c> (RFC 6761). Whoever trusts its certificate trusts it for those names and for this machine's own addresses only. Thread-safe.
/// </summary>
/// <remarks>
/// Life of a certificate: 1. the first client that asks for a name has it made, on the thread pool, and others that ask meanwhile wait for the
/// same one; 2. it serves until a third of its 90 days is left; 3. the next client has a new one made. The 1,024 names that were asked for last
/// are kept, so a client that asks for endless names costs bounded memory.
/// </remarks>
public sealed class LocalAuthority : CertificateSource
{
    internal const int DefaultCapacity = 1024;
    internal const string Localhost = "localhost";

    private static readonly SearchValues<char> _labelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly AuthoritySigner _signer;
    private readonly TimeProvider _time;
    private readonly int _capacity;

    // Counts the uses, so that a lower number is a longer time ago.
    private long _uses;

    internal LocalAuthority(X509Certificate2 authority, string certificatePath, TimeProvider time, int capacity = DefaultCapacity)
    {
        _signer = new AuthoritySigner(authority);
        _time = time;
        _capacity = capacity;
        CertificatePath = certificatePath;
        NotAfter = authority.NotAfter.ToUniversalTime();
    }

    /// <summary>The authority's own certificate, <c>ca.pem</c>: what clients have to trust, as with <c>curl --cacert</c>.</summary>
    public string CertificatePath { get; }

    /// <summary>When the authority expires, in UTC. No certificate of it lives longer, and after it every handshake is refused.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>How many names are kept.</summary>
    internal int Kept => _entries.Count;

    /// <summary>Opens the authority of a directory. The first call makes it; processes that do so at once get the same one.</summary>
    /// <param name="directory">Holds <c>ca.pem</c> and <c>ca.key</c>; made with mode 0700 when it is not there.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <returns>The authority; a certificate for <c>localhost</c> is being made already.</returns>
    /// <exception cref="CertificateException">
    /// It cannot be made or read, has expired, does not fit its key, or others may read its key; the message says the way out.
    /// </exception>
    public static LocalAuthority Open(string directory, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        time ??= TimeProvider.System;
        var files = new AuthorityFiles(directory);
        var authority = new LocalAuthority(files.ReadOrMake(time), files.CertificatePath, time);
        // The first certificate of a process takes long, because the platform reads all that it trusts then.
        authority.Begin(Localhost, stale: null);
        return authority;
    }

    /// <summary>Whether the authority may sign for a name.</summary>
    /// <param name="serverName">A name as in <see cref="CertificateSource.FindAsync"/>: in lower case, without a trailing dot.</param>
    /// <returns>
    /// True for <c>localhost</c>, for names below it and below <c>test</c> (not for <c>test</c> itself) that are made of letters, digits and hyphens
    /// (RFC 1123), and for an empty name: a client that sends none was given an address of this machine.
    /// </returns>
    public static bool MaySign(string serverName)
    {
        ArgumentNullException.ThrowIfNull(serverName);
        return serverName is "" or Localhost || ((IsBelow(serverName, ".test") || IsBelow(serverName, ".localhost")) && IsHostName(serverName));

        static bool IsBelow(string name, string zone) => name.Length > zone.Length && name.EndsWith(zone, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public override ValueTask<ServerCertificate?> FindAsync(string serverName, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        if (!MaySign(serverName) || now > NotAfter)
            return default;
        var name = serverName.Length == 0 ? Localhost : serverName;
        if (!_entries.TryGetValue(name, out var entry) || entry.IsStaleAt(now))
            entry = Begin(name, entry);
        entry.LastUse = Interlocked.Increment(ref _uses);
        return entry.Made.IsCompletedSuccessfully ? new(entry.Made.Result) : new(entry.Made.WaitAsync(cancellationToken));
    }

    private static bool IsHostName(string name)
    {
        const int LongestName = 253, LongestLabel = 63;
        foreach (var range in name.AsSpan().Split('.'))
        {
            var label = name.AsSpan(range);
            if (label.Length is 0 or > LongestLabel || label[0] == '-' || label[^1] == '-' || label.ContainsAnyExcept(_labelCharacters))
                return false;
        }

        return name.Length <= LongestName;
    }

    /// <summary>Begins to make a certificate, unless somebody else has begun since.</summary>
    /// <param name="name">The name.</param>
    /// <param name="stale">What is to be replaced.</param>
    private Entry Begin(string name, Entry? stale)
    {
        var fresh = new Entry(this, name) { LastUse = Interlocked.Increment(ref _uses) };
        var entry = _entries.AddOrUpdate(
            name,
            static (_, two) => two.fresh,
            static (_, current, two) => ReferenceEquals(current, two.stale) ? two.fresh : current,
            (fresh, stale));
        if (!ReferenceEquals(entry, fresh))
            return entry;
        DropOldest();
        // Made elsewhere: keys and signatures take a worker's time for dozens of requests.
        ThreadPool.UnsafeQueueUserWorkItem(fresh, preferLocal: false);
        return fresh;
    }

    private void DropOldest()
    {
        while (_entries.Count > _capacity)
        {
            var oldest = _entries.MinBy(entry => entry.Value.LastUse);
            _entries.TryRemove(oldest);
        }
    }

    /// <summary>The certificate of one name, while it is made and afterwards.</summary>
    private sealed class Entry(LocalAuthority owner, string name) : IThreadPoolWorkItem
    {
        private readonly TaskCompletionSource<ServerCertificate?> _made = new(TaskCreationOptions.RunContinuationsAsynchronously);

        // Both are written before the task ends, and read after it.
        private DateTimeOffset _from;
        private DateTimeOffset _renewAt;
        private long _lastUse;

        public Task<ServerCertificate?> Made => _made.Task;

        /// <summary>Any thread reads and writes it; a lost update drops a name a little early.</summary>
        public long LastUse
        {
            get => Volatile.Read(ref _lastUse);
            set => Volatile.Write(ref _lastUse, value);
        }

        /// <summary>Whether another one is due; also when the clock was set back before its beginning.</summary>
        public bool IsStaleAt(DateTimeOffset now) => Made.IsCompletedSuccessfully && (now < _from || now > _renewAt);

        public void Execute()
        {
            try
            {
                var certificate = owner._signer.Issue(name, owner._time.GetUtcNow());
                _from = certificate.NotBefore;
                // Nothing that is made later lives longer than the authority.
                _renewAt = certificate.NotAfter >= owner.NotAfter ? owner.NotAfter : certificate.NotAfter - ((certificate.NotAfter - certificate.NotBefore) / 3);
                _made.SetResult(certificate);
            }
            catch (Exception error)
            {
                owner._entries.TryRemove(new(name, this));
                _made.SetException(new CertificateException($"Certificate [{name}] could not be made: {error.Message}", owner.CertificatePath, error));
            }
        }
    }
}
