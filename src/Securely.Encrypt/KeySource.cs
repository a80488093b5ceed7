using System.Diagnostics;
using System.Text;

namespace Securely.Encrypt;

/// <summary>
/// Where the text of a key comes from: itself (<c>base64:...</c>), a file (<c>file:/path</c>) or a program that prints it
/// (<c>command:/usr/bin/kms get app</c>), so that a key need not stand in a configuration.
/// </summary>
public sealed class KeySource
{
    private const string FilePrefix = "file:";
    private const string CommandPrefix = "command:";
    private const int MostBytes = 64 * 1024;

    private readonly string _text;
    private readonly Kind _kind;

    private readonly TimeProvider _time;

    private KeySource(Kind kind, string text, TimeProvider? time = null)
    {
        _kind = kind;
        _text = text;
        _time = time ?? TimeProvider.System;
    }

    private enum Kind
    {
        Value,
        File,
        Command,
    }

    /// <summary>How long a program may take.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether the text is not the key itself, so that reading it opens a file or runs a program.</summary>
    public bool IsIndirect => _kind != Kind.Value;

    /// <summary>Takes the value of <c>APP_KEY</c> apart; reads nothing yet.</summary>
    /// <param name="value">A key, or <c>file:</c> and a path, or <c>command:</c> and a program with arguments, with blanks between them.</param>
    /// <param name="time">Measures <see cref="Patience"/>; null is the system's clock.</param>
    public static KeySource Parse(string value, TimeProvider? time = null) =>
        value.StartsWith(FilePrefix, StringComparison.Ordinal) ? OfFile(value[FilePrefix.Length..])
        : value.StartsWith(CommandPrefix, StringComparison.Ordinal) ? new KeySource(Kind.Command, value[CommandPrefix.Length..].Trim(), time)
        : new KeySource(Kind.Value, value);

    /// <summary>A file that holds the key and nothing else, but for a line break at its end.</summary>
    /// <param name="path">The file.</param>
    public static KeySource OfFile(string path) => new(Kind.File, path);

    /// <summary>Reads the text; what <see cref="EncryptionKey.Parse"/> reads.</summary>
    /// <param name="cancellationToken">Gives up, and ends the program.</param>
    /// <exception cref="KeySourceException">
    /// The file is not there, or others than its owner may read it; the program is not there, fails, is silent or takes too long.
    /// </exception>
    public async Task<string> ReadAsync(CancellationToken cancellationToken = default) => _kind switch
    {
        Kind.File => await ReadFileAsync(_text, cancellationToken),
        Kind.Command => await RunAsync(_text, cancellationToken),
        _ => _text,
    };

    /// <summary>Names the file or the program; never a key.</summary>
    public override string ToString() => _kind switch
    {
        Kind.File => $"file [{_text}]",
        Kind.Command => $"command [{_text}]",
        _ => "value",
    };

    private static async Task<string> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            // Opening a pipe would wait for whoever writes to it.
            if (OrdinaryFile.IsSpecial(path))
                throw new KeySourceException($"Key file [{path}] is a pipe, a socket or a device, not a file; a program is named as in command:/usr/bin/kms get app");
            // The open file is asked, not the path, so that it cannot be another one by then.
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, useAsync: false);
            const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & others) is var open and not UnixFileMode.None)
                throw new KeySourceException($"Key file [{path}] may be read or written by others than its owner ({open}); run chmod 600 {path}");
            if (file.Length > MostBytes)
                throw new KeySourceException($"Key file [{path}] has {file.Length} bytes, which is more than any key");
            using var reader = new StreamReader(file, Encoding.UTF8);
            return NotEmpty((await reader.ReadToEndAsync(cancellationToken)).TrimEnd('\r', '\n'), $"Key file [{path}] is empty");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KeySourceException($"Key file [{path}] cannot be read: {Reason(error)}");
        }
    }

    private async Task<string> RunAsync(string command, CancellationToken cancellationToken)
    {
        using var process = Start(command);
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            process.StandardInput.Close();
            var errors = process.StandardError.BaseStream.CopyToAsync(Stream.Null, either.Token);
            var text = await ReadBoundedAsync(process.StandardOutput, command, either.Token);
            await errors;
            await process.WaitForExitAsync(either.Token);
            return process.ExitCode == 0
                ? NotEmpty(text.TrimEnd('\r', '\n'), $"Key command [{command}] printed nothing")
                : throw new KeySourceException($"Key command [{command}] ended with exit code {process.ExitCode}; run it to see why");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KeySourceException($"Key command [{command}] took longer than {Patience.TotalSeconds:0.#} s");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static async Task<string> ReadBoundedAsync(StreamReader output, string command, CancellationToken cancellationToken)
    {
        var buffer = new char[MostBytes];
        var length = await output.ReadBlockAsync(buffer, cancellationToken);
        return length < buffer.Length
            ? new string(buffer, 0, length)
            : throw new KeySourceException($"Key command [{command}] printed {MostBytes} bytes or more, which is more than any key");
    }

    private static Process Start(string command)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            throw new KeySourceException("The key is [command:] without a program; write it as in command:/usr/bin/kms get app");
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new KeySourceException($"Key command [{command}] cannot be started: {error.Message}");
        }
    }

    private static string Reason(Exception error) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException => "it does not exist",
        UnauthorizedAccessException => "it is a directory, or this user may not read it",
        _ => error.Message,
    };

    private static string NotEmpty(string text, string complaint) => text.Length > 0 ? text : throw new KeySourceException(complaint);
}
