using System.IO.Pipelines;
using System.Security.Cryptography;

namespace Securely.Encrypt;

/// <summary>
/// Encrypts streams and files of any length in constant memory: chunks of 64 KiB, each authenticated with its place and with whether it
/// is the last one, so that a part that is missing, added, repeated or moved is found. Always AES-256-GCM, with a key of its own for
/// each file that is derived from the ring's. Safe for use by many threads at once.
/// </summary>
/// <remarks>
/// A file is <c>SECURELY</c>, the byte 1, a salt of 32 bytes, and its chunks with a tag of 16 bytes after each. The key is
/// HKDF-SHA256(key of the ring, salt, <c>securely file 1</c>). The nonce of a chunk is its number in 11 bytes, big-endian, and 1 for the last
/// chunk or 0.
/// </remarks>
/// <param name="keys">The key that encrypts, and those that decrypt.</param>
public sealed class FileEncrypter(KeyRing keys)
{
    /// <summary>Bytes of a chunk before encryption; only the last one may have fewer.</summary>
    public const int ChunkLength = 64 * 1024;

    private const int TagLength = 16;
    private const int SaltLength = 32;
    private const int HeaderLength = 8 + 1 + SaltLength;

    private static ReadOnlySpan<byte> Mark => "SECURELY\u0001"u8;

    /// <summary>Whether a file begins as encrypted ones do.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static bool IsEncryptedFile(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        Span<byte> start = stackalloc byte[Mark.Length];
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(Mark);
    }

    /// <summary>Encrypts a stream up to its end.</summary>
    /// <param name="source">What to read.</param>
    /// <param name="destination">What to write; not flushed.</param>
    /// <param name="cancellationToken">Stops halfway.</param>
    public async Task EncryptAsync(Stream source, Stream destination, CancellationToken cancellationToken = default)
    {
        var header = new byte[HeaderLength];
        Mark.CopyTo(header);
        RandomNumberGenerator.Fill(header.AsSpan(Mark.Length));
        using var cipher = Derive(keys.Current, header);
        await destination.WriteAsync(header, cancellationToken);
        var chunks = new ChunkReader(source, ChunkLength);
        var sealedChunk = new byte[ChunkLength + TagLength];
        var nonce = new ChunkNonce();
        do
        {
            var plain = await chunks.ReadAsync(cancellationToken);
            var cipherText = sealedChunk.AsMemory(0, plain.Length);
            cipher.Encrypt(nonce.Next(chunks.IsLast), plain.Span, cipherText.Span, sealedChunk.AsSpan(plain.Length, TagLength));
            await destination.WriteAsync(sealedChunk.AsMemory(0, plain.Length + TagLength), cancellationToken);
        }
        while (!chunks.IsLast);
    }

    /// <summary>
    /// Decrypts a stream up to its end. What is written is authentic, but only its whole is complete: when this throws, throw away what
    /// was written.
    /// </summary>
    /// <param name="source">What to read.</param>
    /// <param name="destination">What to write; not flushed.</param>
    /// <param name="cancellationToken">Stops halfway.</param>
    /// <exception cref="DecryptException">It is no encrypted file, made with another key, changed or cut off.</exception>
    public async Task DecryptAsync(Stream source, Stream destination, CancellationToken cancellationToken = default)
    {
        var header = new byte[HeaderLength];
        if (await source.ReadAtLeastAsync(header, HeaderLength, throwOnEndOfStream: false, cancellationToken) < HeaderLength || !header.AsSpan().StartsWith(Mark))
            throw new DecryptException("The file is not one that securely encrypted", DecryptFailure.Malformed);
        var chunks = new ChunkReader(source, ChunkLength + TagLength);
        var plain = new byte[ChunkLength];
        var nonce = new ChunkNonce();
        AesGcm? cipher = null;
        try
        {
            do
            {
                var chunk = await chunks.ReadAsync(cancellationToken);
                if (chunk.Length < TagLength)
                    throw Damaged(nonce);
                var bytes = plain.AsMemory(0, chunk.Length - TagLength);
                nonce.Next(chunks.IsLast);
                cipher ??= Find(header, nonce, chunk.Span, bytes.Span);
                if (!TryOpen(cipher, nonce, chunk.Span, bytes.Span))
                    throw Damaged(nonce);
                await destination.WriteAsync(bytes, cancellationToken);
            }
            while (!chunks.IsLast);
        }
        finally
        {
            cipher?.Dispose();
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <summary>Encrypts a file into another one, which appears whole or not at all, readable by its owner only.</summary>
    /// <param name="source">The file to read.</param>
    /// <param name="destination">The file to write; it is replaced.</param>
    /// <param name="cancellationToken">Stops, and leaves no file behind.</param>
    /// <exception cref="IOException">One of them cannot be used.</exception>
    public Task EncryptFileAsync(string source, string destination, CancellationToken cancellationToken = default) =>
        ReplaceAsync(source, destination, EncryptAsync, cancellationToken);

    /// <summary>Decrypts a file into another one, which appears whole or not at all, readable by its owner only.</summary>
    /// <param name="source">The file to read.</param>
    /// <param name="destination">The file to write; it is replaced.</param>
    /// <param name="cancellationToken">Stops, and leaves no file behind.</param>
    /// <exception cref="IOException">One of them cannot be used.</exception>
    /// <exception cref="DecryptException">It is no encrypted file, made with another key, changed or cut off.</exception>
    public Task DecryptFileAsync(string source, string destination, CancellationToken cancellationToken = default) =>
        ReplaceAsync(source, destination, DecryptAsync, cancellationToken);

    /// <summary>
    /// Encrypts a file that a key of the ring encrypted anew, with the current key. It is replaced whole or not at all, keeps its mode, and no plain text reaches the disk.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Stops, and leaves the file as it was.</param>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="DecryptException">It is no encrypted file, made with another key, changed or cut off.</exception>
    public async Task RenewFileAsync(string path, CancellationToken cancellationToken = default)
    {
        var mode = OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);
        await ReplaceAsync(path, path, RenewAsync, cancellationToken);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    }

    /// <summary>Decrypts and encrypts side by side; the failure of one side ends the other.</summary>
    private async Task RenewAsync(Stream source, Stream destination, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        var encrypting = EncryptFromPipeAsync(pipe.Reader, destination, cancellationToken);
        Exception? failure = null;
        try
        {
            await DecryptAsync(source, pipe.Writer.AsStream(leaveOpen: true), cancellationToken);
        }
        catch (Exception error)
        {
            failure = error;
            throw;
        }
        finally
        {
            await pipe.Writer.CompleteAsync(failure);
            await encrypting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await encrypting;
    }

    private async Task EncryptFromPipeAsync(PipeReader plain, Stream destination, CancellationToken cancellationToken)
    {
        try
        {
            await EncryptAsync(plain.AsStream(leaveOpen: true), destination, cancellationToken);
        }
        finally
        {
            // The other side does not wait for room then.
            await plain.CompleteAsync();
        }
    }

    private static async Task ReplaceAsync(
        string source, string destination, Func<Stream, Stream, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var temporary = $"{destination}.{Path.GetRandomFileName()}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var input = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, useAsync: true);
        try
        {
            await using (var output = new FileStream(temporary, options))
            {
                await work(input, output, cancellationToken);
                output.Flush(flushToDisk: true);
            }

            File.Move(temporary, destination, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private AesGcm Find(byte[] header, ChunkNonce nonce, ReadOnlySpan<byte> chunk, Span<byte> plain)
    {
        foreach (var key in keys.All)
        {
            var cipher = Derive(key, header);
            if (TryOpen(cipher, nonce, chunk, plain))
                return cipher;
            cipher.Dispose();
        }

        throw new DecryptException("The file cannot be decrypted: it was made with another key, or changed since", DecryptFailure.NotAuthentic);
    }

    private static bool TryOpen(AesGcm cipher, ChunkNonce nonce, ReadOnlySpan<byte> chunk, Span<byte> plain)
    {
        try
        {
            cipher.Decrypt(nonce.Bytes, chunk[..plain.Length], chunk[plain.Length..], plain);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private static AesGcm Derive(EncryptionKey key, ReadOnlySpan<byte> header)
    {
        Span<byte> derived = stackalloc byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Bytes, derived, header[Mark.Length..], "securely file 1"u8);
        var cipher = new AesGcm(derived, TagLength);
        CryptographicOperations.ZeroMemory(derived);
        return cipher;
    }

    private static DecryptException Damaged(ChunkNonce nonce) =>
        new($"The file is damaged or cut off in chunk {nonce.Count}, which is after {Math.Max(0, nonce.Count - 1) * (long)ChunkLength} bytes", DecryptFailure.NotAuthentic);
}
