using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Securely.Net;

/// <summary>
/// A certificate with its intermediates and its key, ready for handshakes. Immutable; safe to share between threads. A client that has to show
/// one gives its <see cref="Context"/> to <see cref="ClientTls.ClientCertificate"/>.
/// </summary>
public sealed class ServerCertificate
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string AnyPurpose = "2.5.29.37.0";
    private const string CurveP256 = "1.2.840.10045.3.1.7";

    // Long enough for somebody to act, as authorities that send reminders do.
    private static readonly TimeSpan LongestNotice = TimeSpan.FromDays(14);

    private readonly string _title;
    private readonly X509Certificate2 _leaf;
    private readonly bool _isForServers;

    internal ServerCertificate(CertificateChain chain, string? title = null, CertificateFiles? files = null, FileStamps stamps = default)
    {
        _leaf = chain.Leaf;
        Names = [.. NamesOf(_leaf)];
        _title = title ?? $"Certificate [{(Names.Count > 0 ? Names[0] : _leaf.Subject)}]";
        NotBefore = _leaf.NotBefore.ToUniversalTime();
        NotAfter = _leaf.NotAfter.ToUniversalTime();
        IsExpensive = !IsCurveP256(_leaf);
        _isForServers = IsForServers(_leaf);
        Files = files;
        Stamps = stamps;
        Context = chain.ForHandshakes();
    }

    /// <summary>What a handshake sends and signs with. It was made without asking the network, and nothing is asked later.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>The DNS names of the certificate (subjectAltName), in lower case and in its order, wildcards such as <c>*.app.test</c> included.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The first moment it is valid at, in UTC.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>The last moment it is valid at, in UTC.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>
    /// Whether a signature costs so much that a worker should have the handshake done elsewhere. True for all keys but those on the curve P-256,
    /// which sign in 26 microseconds: a key of RSA 2048 takes 14 times as long, on P-521 11 times, on P-384 30 times (OpenSSL 3.0).
    /// </summary>
    public bool IsExpensive { get; }

    /// <summary>The files it was read from; null for one that was not read from files.</summary>
    public CertificateFiles? Files { get; }

    /// <summary>What the files were when they were read; all zero without files.</summary>
    internal FileStamps Stamps { get; }

    /// <summary>Reads a certificate and its key.</summary>
    /// <param name="certificatePem">The certificate first, then its intermediates, if any, in any order (RFC 7468).</param>
    /// <param name="keyPem">The private key, not encrypted: PKCS #8, or the older forms of RSA and EC keys. RSA from 2048 bits, or EC.</param>
    /// <returns>The certificate; one that is not valid yet or no more is returned too, see <see cref="WarningsAt"/>.</returns>
    /// <exception cref="CertificateException">One of them cannot be read, or they do not belong together.</exception>
    public static ServerCertificate FromPem(string certificatePem, string keyPem)
    {
        ArgumentNullException.ThrowIfNull(certificatePem);
        ArgumentNullException.ThrowIfNull(keyPem);
        return Make(CertificateChain.Read(new PemText(certificatePem), new PemText(keyPem)));
    }

    /// <summary>Reads a certificate and its key from files, as <see cref="FromPem"/> does. Both may be in the same file.</summary>
    /// <param name="certificatePath">The certificate and its intermediates.</param>
    /// <param name="keyPath">The key.</param>
    /// <returns>The certificate.</returns>
    /// <exception cref="CertificateException">A file cannot be read, or they do not belong together; it names the file at fault.</exception>
    public static ServerCertificate FromFiles(string certificatePath, string keyPath)
    {
        var files = new CertificateFiles(certificatePath, keyPath);
        // Before the files are read: what changes from now on is a change.
        var stamps = FileStamps.Of(files);
        var chain = CertificateChain.Read(PemText.Of(certificatePath, "Certificate"), PemText.Of(keyPath, "Key"));
        return Make(chain, files, stamps);
    }

    /// <summary>Whether one of <see cref="Names"/> is this name: exactly, or as <c>*.</c> in place of exactly one label (RFC 9525 section 6.3).</summary>
    /// <param name="serverName">A name without a trailing dot; case does not matter.</param>
    /// <returns>False for an empty name.</returns>
    public bool Covers(string serverName)
    {
        ArgumentNullException.ThrowIfNull(serverName);
        var dot = serverName.IndexOf('.', StringComparison.Ordinal);
        foreach (var name in Names)
        {
            if (name.Equals(serverName, StringComparison.OrdinalIgnoreCase))
                return true;
            if (dot > 0 && IsWildcard(name) && name.AsSpan(1).Equals(serverName.AsSpan(dot), StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>What clients will dislike, one sentence each: what <see cref="ExpiryWarningAt"/> says, that it names no host, or is not for servers.</summary>
    /// <param name="now">The time to judge by.</param>
    /// <returns>Usually nothing.</returns>
    public IReadOnlyList<string> WarningsAt(DateTimeOffset now)
    {
        var warnings = new List<string>();
        if (ExpiryWarningAt(now) is { } expiry)
            warnings.Add(expiry);
        if (!_leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().Any())
            warnings.Add($"{_title} names no host (it has no subjectAltName), so clients refuse it; have one issued for the names of its sites");
        if (!_isForServers)
            warnings.Add($"{_title} is not meant for servers (its extended key usage lacks serverAuth), so clients refuse it; have one issued for servers");
        return warnings;
    }

    /// <summary>Says that it has expired, soon will, or is not valid yet.</summary>
    /// <param name="now">The time to judge by. Soon is the last 14 days, or the last third of a shorter life.</param>
    /// <returns>One sentence; usually null.</returns>
    public string? ExpiryWarningAt(DateTimeOffset now)
    {
        var life = NotAfter - NotBefore;
        var notice = life / 3 < LongestNotice ? life / 3 : LongestNotice;
        if (now > NotAfter)
            return $"{_title} expired on {Day(NotAfter)}, so the other side refuses it; renew it";
        if (now < NotBefore)
            return $"{_title} is not valid before {Day(NotBefore)}, so the other side refuses it; look at the clock of this machine, or wait";
        return now > NotAfter - notice ? $"{_title} expires on {Day(NotAfter)}; renew it" : null;
    }

    /// <summary>What it is called in messages.</summary>
    /// <returns><c>Certificate [FILE]</c>, or <c>Certificate [NAME]</c> for one that is from no file.</returns>
    public override string ToString() => _title;

    internal static bool IsWildcard(string name) => name.StartsWith("*.", StringComparison.Ordinal);

    private static string Day(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static IEnumerable<string> NamesOf(X509Certificate2 leaf) => leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>()
        .SelectMany(extension => extension.EnumerateDnsNames())
        .Select(name => name.TrimEnd('.').ToLowerInvariant());

    private static ServerCertificate Make(CertificateChain chain, CertificateFiles? files = null, FileStamps stamps = default)
    {
        try
        {
            return new ServerCertificate(chain, files is null ? null : $"Certificate [{files.CertificatePath}]", files, stamps);
        }
        catch (CryptographicException error)
        {
            var title = files is null ? $"Certificate [{chain.Leaf.Subject}]" : $"Certificate [{files.CertificatePath}]";
            throw new CertificateException($"{title} has an extension that cannot be read ({error.Message}); have it issued anew, with its names in ASCII (xn-- for others)", files?.CertificatePath, error);
        }
    }

    private static bool IsForServers(X509Certificate2 leaf) => leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>()
        .All(extension => extension.EnhancedKeyUsages.Cast<Oid>().Any(usage => usage.Value is ServerAuthentication or AnyPurpose));

    private static bool IsCurveP256(X509Certificate2 leaf)
    {
        using var key = leaf.GetECDsaPublicKey();
        return key?.ExportParameters(includePrivateParameters: false).Curve is { IsNamed: true } curve && curve.Oid.Value is CurveP256;
    }
}

/// <summary>Where a certificate and its key are.</summary>
/// <param name="CertificatePath">The certificate, then its intermediates, as PEM.</param>
/// <param name="KeyPath">The private key, as PEM; may be the same file.</param>
public sealed record CertificateFiles(string CertificatePath, string KeyPath);
