using System.Security.Cryptography.X509Certificates;
using Securely.Config;
using Securely.Net;

namespace Securely.Cli;

/// <summary>Reads the files of certificates that a section names, and reports what is wrong with them at the key that names them.</summary>
internal static class CertificateValues
{
    /// <summary>Reads a certificate and its key; null when they are not given, or when they cannot be used, which is reported.</summary>
    /// <param name="section">The section.</param>
    /// <param name="certificate">The key of the certificate's file.</param>
    /// <param name="key">The key of the private key's file.</param>
    /// <param name="time">Tells what has expired; that is a warning.</param>
    /// <param name="isForClients">Whether a client shows it.</param>
    public static ServerCertificate? ReadPair(SectionReader section, string certificate, string key, TimeProvider time, bool isForClients = false)
    {
        var (certificatePath, keyPath) = (PathOf(section, certificate), PathOf(section, key));
        if (certificatePath is null || keyPath is null)
            return null;
        try
        {
            var read = ServerCertificate.FromFiles(certificatePath, keyPath);
            foreach (var warning in Warnings(read, time.GetUtcNow(), isForClients))
                section.Warning(certificate, warning);
            return read;
        }
        catch (CertificateException error)
        {
            section.Error(error.File == keyPath && error.File != certificatePath ? key : certificate, error.Message);
            // It ends at the first file; when both are missing, both are said.
            if (error.File == certificatePath && !File.Exists(certificatePath) && keyPath != certificatePath && !File.Exists(keyPath))
                section.Error(key, $"Key [{keyPath}] does not exist; write the path of a PEM file");
            return null;
        }
    }

    /// <summary>Reads the certificates of authorities; null when they are not given, or when they cannot be read, which is reported.</summary>
    /// <param name="section">The section.</param>
    /// <param name="key">The key of the file.</param>
    public static X509Certificate2Collection? ReadAuthorities(SectionReader section, string key)
    {
        if (PathOf(section, key) is not { } path)
            return null;
        try
        {
            return TrustedAuthorities.FromFile(path);
        }
        catch (CertificateException error)
        {
            section.Error(key, error.Message);
            return null;
        }
    }

    private static IEnumerable<string> Warnings(ServerCertificate certificate, DateTimeOffset now, bool isForClients)
    {
        if (!isForClients)
            return certificate.WarningsAt(now);
        return certificate.ExpiryWarningAt(now) is { } warning ? [warning] : [];
    }

    private static string? PathOf(SectionReader section, string key)
    {
        // Reports a key without a value, which a path may be left without elsewhere.
        section.Text(key, "");
        return section.PathOrNull(key);
    }
}
