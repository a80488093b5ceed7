using System.Text;

namespace Securely.Net;

/// <summary>The text of a PEM file, and what messages call it.</summary>
/// <param name="Text">The text.</param>
/// <param name="Path">The file; null for a text that is not from a file.</param>
internal readonly record struct PemText(string Text, string? Path = null)
{
    // Hundreds of certificates; more is something else.
    private const int Largest = 4 << 20;

    /// <summary>Reads a file that must be there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it ought to be: <c>Certificate</c>, <c>Key</c>.</param>
    /// <exception cref="CertificateException">It cannot be read, or is no text.</exception>
    public static PemText Of(string path, string what)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            // What opens is not always a file whose length can be trusted.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[Math.Clamp(file.CanSeek ? file.Length + 1 : Largest + 1, 1, Largest + 1)];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > Largest)
                throw new CertificateException($"{what} [{path}] is too large for a PEM file; name another file", path);
            // A DER structure, such as a .cer or .pfx file, begins with a sequence of more than 127 bytes.
            if (length > 2 && bytes[0] == 0x30 && bytes[1] >= 0x80)
                throw new CertificateException($"{what} [{path}] is binary (DER or PKCS #12), not PEM; convert it with openssl x509, openssl pkey or openssl pkcs12 -nodes", path);
            return new PemText(Encoding.UTF8.GetString(bytes, 0, length), path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CertificateException($"{what} [{path}] does not exist; write the path of a PEM file", path, error);
        }
        catch (Exception error) when (error is UnauthorizedAccessException && Directory.Exists(path))
        {
            throw new CertificateException($"{what} [{path}] is a directory; write the path of a PEM file", path, error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new CertificateException($"{what} [{path}] cannot be read: permission denied; let the user [{Environment.UserName}] read it", path, error);
        }
        catch (Exception error) when (error is IOException or ArgumentException or NotSupportedException)
        {
            throw new CertificateException($"{what} [{path}] cannot be read: {error.Message}", path, error);
        }
    }

    /// <summary><c>Certificate [path]</c>, or <c>The certificate</c> for a text that is not from a file.</summary>
    public string Title(string what) => Path is null ? $"The {what.ToLowerInvariant()}" : $"{what} [{Path}]";
}
