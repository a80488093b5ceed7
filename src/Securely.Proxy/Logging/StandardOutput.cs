using Microsoft.Win32.SafeHandles;

namespace Securely.Proxy;

/// <summary>The standard output of the process for a thread that may wait for its reader.</summary>
/// <remarks>
/// The framework's stream of the console holds the lock of the whole console while it waits, so that a pipe that nobody reads would hold up
/// whoever has a word for standard error, the end of the process too.
/// </remarks>
internal static class StandardOutput
{
    private const nint Descriptor = 1;

    internal static Stream Open()
    {
        if (OperatingSystem.IsWindows())
            return Console.OpenStandardOutput();
        try
        {
            var stream = new FileStream(new SafeFileHandle(Descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            // A file that others append to as well has one position for all, which this stream would not follow; and a file makes nobody wait.
            if (!stream.CanSeek)
                return stream;
        }
        catch (Exception error) when (error is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // It is closed, or not for writing; the console says so at the first line.
        }

        return Console.OpenStandardOutput();
    }
}
