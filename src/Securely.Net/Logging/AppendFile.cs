using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Securely.Net;

/// <summary>
/// A file that is only ever written at its end, also when another process writes to it too, and that survives its rotation: when somebody has moved
/// or removed it, the next one of the name is made. A named pipe will do as well. Writes wait for a disk or a reader that is slow, so they are for a
/// thread that may. Not thread-safe.
/// </summary>
public sealed class AppendFile : IDisposable
{
    private readonly string _path;
    private SafeFileHandle? _handle;
    private FileStream? _stream;
    private bool _isTorn;

    /// <summary>Opens the file, or makes it with mode 0640.</summary>
    /// <param name="path">Its path; the directory must be there.</param>
    /// <exception cref="IOException">It cannot be opened; the message names it.</exception>
    public AppendFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = Path.GetFullPath(path);
        Open();
    }

    /// <summary>Writes all of the bytes in order, with as few calls as the kernel lets it.</summary>
    /// <param name="bytes">Whole lines.</param>
    /// <exception cref="IOException">
    /// The disk is full, or the pipe has no reader. A part may have been written; the next write begins on a line of its own.
    /// </exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        if (_handle is null && _stream is null)
            Open();
        if (_isTorn)
            WriteAll("\n"u8);
        _isTorn = true;
        WriteAll(bytes);
        _isTorn = false;
    }

    /// <summary>Opens the path once more when it is not the file any more that is written to. Call it before a write, once a second.</summary>
    /// <returns>Whether it was opened.</returns>
    /// <exception cref="IOException">It cannot be opened; what is written goes on to the old file.</exception>
    public bool ReopenIfMoved()
    {
        if (!OperatingSystem.IsLinux() || _handle is null)
            return false;
        if (LinuxCalls.TryGetFileIdentity((int)_handle.DangerousGetHandle(), out var own) && LinuxCalls.TryGetFileIdentity(_path, out var named) && own == named)
            return false;
        Reopen();
        return true;
    }

    /// <summary>Opens the path once more, for whoever has moved the file.</summary>
    /// <exception cref="IOException">It cannot be opened; what is written goes on to the old file.</exception>
    public void Reopen()
    {
        var (handle, stream) = (_handle, _stream);
        Open();
        handle?.Dispose();
        stream?.Dispose();
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _handle?.Dispose();
        _stream?.Dispose();
        (_handle, _stream) = (null, null);
    }

    private void Open()
    {
        if (OperatingSystem.IsLinux())
        {
            _handle = OpenDescriptor();
        }
        else
        {
            try
            {
                _stream = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            }
            catch (UnauthorizedAccessException e)
            {
                throw new IOException($"Log file [{_path}] cannot be opened: {e.Message}", e);
            }
        }

        _isTorn = false;
    }

    private SafeFileHandle OpenDescriptor()
    {
        // A pipe is opened for both directions: for one alone the call would wait for the reader.
        var isPipe = LinuxCalls.TryGetFileType(_path, out var type) && type == LinuxCalls.NamedPipe;
        while (true)
        {
            var descriptor = LinuxCalls.OpenToAppend(_path, isPipe);
            if (descriptor >= 0)
                return new SafeFileHandle(descriptor, ownsHandle: true);
            var error = Marshal.GetLastPInvokeError();
            if (error != LinuxCalls.Interrupted)
                throw new IOException($"Log file [{_path}] cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    private unsafe void WriteAll(ReadOnlySpan<byte> bytes)
    {
        if (_stream is not null)
        {
            _stream.Write(bytes);
            return;
        }

        fixed (byte* start = bytes)
        {
            for (nint done = 0; done < bytes.Length;)
            {
                var written = LinuxCalls.Write((int)_handle!.DangerousGetHandle(), start + done, bytes.Length - done);
                if (written >= 0)
                {
                    done += written;
                    continue;
                }

                var error = Marshal.GetLastPInvokeError();
                if (error != LinuxCalls.Interrupted)
                    throw new IOException($"Log file [{_path}] cannot be written: {Marshal.GetPInvokeErrorMessage(error)}");
            }
        }
    }
}
