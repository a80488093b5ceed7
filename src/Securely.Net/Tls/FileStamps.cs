namespace Securely.Net;

/// <summary>What tells one state of a file from another without reading it; all zero when it cannot be seen.</summary>
/// <param name="Inode">Which file it is; zero where the platform has no such number.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Modified">When its content was last written.</param>
/// <param name="Changed">When its content, name, owner or permissions last changed; zero where the platform does not say.</param>
internal readonly record struct FileStamp(long Inode, long Size, long Modified, long Changed)
{
    /// <summary>Looks at a file; links are followed, so that a link that leads elsewhere is a change.</summary>
    public static FileStamp Of(string path)
    {
        if (OperatingSystem.IsLinux())
            return LinuxCalls.TryGetFileStamp(path, out var stamp) ? stamp : default;
        try
        {
            var file = new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
            return file.Exists ? new FileStamp(0, file.Length, file.LastWriteTimeUtc.Ticks, 0) : default;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}

/// <summary>The states of a certificate's file and of its key's.</summary>
/// <param name="Certificate">The certificate's file.</param>
/// <param name="Key">The key's file.</param>
internal readonly record struct FileStamps(FileStamp Certificate, FileStamp Key)
{
    /// <summary>Looks at both files.</summary>
    public static FileStamps Of(CertificateFiles files) => new(FileStamp.Of(files.CertificatePath), FileStamp.Of(files.KeyPath));
}
