using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Securely.Net;

/// <summary>The files of a local authority.</summary>
/// <remarks>
/// Making it: 1. a lock keeps others out; 2. both files are written beside their places; 3. the key is moved to its place; 4. the certificate is,
/// and from then on the authority is there. Whoever finds a key alone, with a certificate beside its place, does step 4 for a process that died.
/// </remarks>
/// <param name="directory">Where they are.</param>
internal sealed class AuthorityFiles(string directory)
{
    private const string WayOut = "remove [ca.pem] and [ca.key] for a new authority, which clients have to trust anew";
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode ForOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    // What a locked file is opened with: EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows.
    private const int Busy = 11;
    private const int BusyOnMac = 35;
    private const int SharingViolation = 32;

    // Making an authority takes milliseconds; who holds the lock for longer hangs.
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);

    private readonly string _keyPath = Path.Combine(directory, "ca.key");
    private readonly string _lockPath = Path.Combine(directory, ".lock");

    public string CertificatePath { get; } = Path.Combine(directory, "ca.pem");

    private bool IsThere => File.Exists(CertificatePath) && File.Exists(_keyPath);

    /// <summary>Reads the authority, and makes it when there is none.</summary>
    /// <returns>The certificate with its key.</returns>
    /// <exception cref="CertificateException">It cannot be made, or what is there cannot be used.</exception>
    public X509Certificate2 ReadOrMake(TimeProvider time)
    {
        try
        {
            if (!IsThere)
                MakeLocked(time);
            return Read(time.GetUtcNow());
        }
        catch (Exception error) when (error is UnauthorizedAccessException)
        {
            throw new CertificateException($"Local authority [{directory}] cannot be made: permission denied; let the user [{Environment.UserName}] write to it, or choose another directory", directory, error);
        }
        catch (IOException error)
        {
            throw new CertificateException($"Local authority [{directory}] cannot be made: {error.Message}", directory, error);
        }
    }

    private void MakeLocked(TimeProvider time)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, OnlyOwner | UnixFileMode.UserExecute);
        CheckDirectory();
        using var held = Lock();
        // Whoever held it before may have done all of it.
        if (IsThere)
            return;
        if (File.Exists(_keyPath) && File.Exists(Beside(CertificatePath)))
        {
            File.Move(Beside(CertificatePath), CertificatePath);
            return;
        }

        if (File.Exists(_keyPath) || File.Exists(CertificatePath))
            throw Unusable($"has only one of [ca.pem] and [ca.key]; put the other back, or {WayOut}");
        Make(time);
    }

    private void Make(TimeProvider time)
    {
        var (certificatePem, keyPem) = AuthorityCertificate.Make(time.GetUtcNow(), Environment.MachineName);
        Write(Beside(_keyPath), keyPem, OnlyOwner);
        Write(Beside(CertificatePath), certificatePem, OnlyOwner | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.Move(Beside(_keyPath), _keyPath);
        File.Move(Beside(CertificatePath), CertificatePath);
    }

    private FileStream Lock()
    {
        FileStream? held = null;
        // A file that is opened unshared is locked until it is closed, also by the end of its process; it stays, as removing it would let two in.
        if (SpinWait.SpinUntil(() => (held = TryLock()) is not null, LockPatience))
            return held!;
        throw Unusable($"is locked by another process, which holds [{_lockPath}]; end that process");
    }

    private FileStream? TryLock()
    {
        try
        {
            return new FileStream(_lockPath, Options(OnlyOwner, FileMode.OpenOrCreate));
        }
        catch (IOException error) when ((error.HResult & 0xFFFF) is Busy or BusyOnMac or SharingViolation)
        {
            return null;
        }
    }

    private X509Certificate2 Read(DateTimeOffset now)
    {
        CheckDirectory();
        CheckKeyMode();
        CertificateChain chain;
        try
        {
            chain = CertificateChain.Read(PemText.Of(CertificatePath, "Certificate"), PemText.Of(_keyPath, "Key"));
        }
        catch (CertificateException error)
        {
            throw Unusable($"cannot be used: {error.Message}; or {WayOut}", error);
        }

        var authority = chain.Leaf;
        if (!authority.Extensions.OfType<X509BasicConstraintsExtension>().Any(extension => extension.CertificateAuthority))
            throw Unusable($"has a certificate that is no authority's; {WayOut}");
        if (now > authority.NotAfter.ToUniversalTime())
            throw Unusable($"expired on {Day(authority.NotAfter)}; {WayOut}");
        if (now < authority.NotBefore.ToUniversalTime())
            throw Unusable($"is not valid before {Day(authority.NotBefore)}; look at the clock of this machine, or {WayOut}");
        return authority;
    }

    private void CheckDirectory()
    {
        const UnixFileMode WritableForOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(directory) & WritableForOthers) is not 0)
            throw Unusable($"lies where others may write, so they could put their own in its place; run chmod 700 {directory}");
    }

    private void CheckKeyMode()
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(_keyPath) & ForOthers) is not 0)
            throw Unusable($"has a key that others may read; run chmod 600 {_keyPath}, and if somebody did read it, {WayOut}");
    }

    private CertificateException Unusable(string message, Exception? cause = null) => new($"Local authority [{directory}] {message}", directory, cause);

    private static string Beside(string path) => path + ".new";

    private static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static void Write(string path, string text, UnixFileMode mode)
    {
        // What a dead process left behind.
        File.Delete(path);
        using var file = new FileStream(path, Options(mode, FileMode.CreateNew));
        file.Write(System.Text.Encoding.ASCII.GetBytes(text));
        file.Flush(flushToDisk: true);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file.SafeFileHandle, mode);
    }

    private static FileStreamOptions Options(UnixFileMode mode, FileMode open)
    {
        var options = new FileStreamOptions { Mode = open, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        return options;
    }
}
