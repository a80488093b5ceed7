using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Securely.Encrypt;

namespace Securely.Benchmarks;

/// <summary>Payloads of 1 KiB, beside the bare primitives that they are made of.</summary>
[MemoryDiagnoser]
public class Encrypting
{
    private readonly byte[] _plain = new byte[1024];
    private readonly byte[] _cipherText = new byte[1040];
    private readonly byte[] _mac = new byte[32];
    private readonly byte[] _key = new byte[32];
    private Encrypter _cbc = null!;
    private Encrypter _gcm = null!;
    private Aes _aes = null!;
    private string _payload = null!;

    [GlobalSetup]
    public void Setup()
    {
        _cbc = new Encrypter(_key);
        _gcm = new Encrypter(_key, Cipher.Aes256Gcm);
        _aes = Aes.Create();
        _aes.Key = _key;
        _payload = _cbc.EncryptBytes(_plain);
    }

    [GlobalCleanup]
    public void Cleanup() => _aes.Dispose();

    /// <summary>A random vector, AES-CBC, and an HMAC of as much text as a payload signs.</summary>
    [Benchmark(Baseline = true)]
    public int Primitives()
    {
        Span<byte> iv = stackalloc byte[16];
        RandomNumberGenerator.Fill(iv);
        var length = _aes.EncryptCbc(_plain, iv, _cipherText);
        Span<byte> signed = stackalloc byte[1412];
        return length + HMACSHA256.HashData(_key, signed, _mac);
    }

    [Benchmark]
    public string EncryptCbc() => _cbc.EncryptBytes(_plain);

    [Benchmark]
    public string EncryptGcm() => _gcm.EncryptBytes(_plain);

    [Benchmark]
    public byte[] DecryptCbc() => _cbc.DecryptBytes(_payload);
}
