using System.Buffers;
using System.Text;

namespace Securely.Log;

/// <summary>
/// Appends to a file. Before each write it looks whether the file is still there and has not become shorter: one that was moved away or cut off by the rotation of logs
/// is opened anew, without anybody saying so.
/// </summary>
internal sealed class FileTarget(string path) : LogTarget
{
    private readonly ArrayBufferWriter<byte> _bytes = new(16 * 1024);
    private FileStream? _file;

    public override async ValueTask WriteAsync(IReadOnlyList<LogLine> lines, CancellationToken cancellationToken)
    {
        _bytes.ResetWrittenCount();
        foreach (var line in lines)
            Encoding.UTF8.GetBytes(line.Text, _bytes);
        await AppendAsync(_bytes.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_file is not null)
            await _file.DisposeAsync().ConfigureAwait(false);
        _file = null;
    }

    public override string ToString() => path;

    private async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_file is not null && IsAnother(_file))
            await DisposeAsync().ConfigureAwait(false);
        _file ??= Open();
        // Another process may write to it too; what it wrote stays.
        _file.Seek(0, SeekOrigin.End);
        await _file.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
    }

    private bool IsAnother(FileStream file)
    {
        var now = new FileInfo(path);
        return !now.Exists || now.Length < file.Position || now.Length != file.Length;
    }

    private FileStream Open()
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
        return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }
}
