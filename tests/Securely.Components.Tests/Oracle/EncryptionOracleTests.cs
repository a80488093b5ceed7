using Securely.Encrypt;

namespace Securely.Components.Tests.Oracle;

/// <summary>Random payloads in both directions: we encrypt and PHP decrypts, PHP encrypts and we decrypt.</summary>
public sealed class EncryptionOracleTests
{
    private const int Count = 500;
    private const int Seed = 20250315;

    private static readonly Cipher[] Ciphers = [Cipher.Aes128Cbc, Cipher.Aes256Cbc, Cipher.Aes128Gcm, Cipher.Aes256Gcm];

    [Fact]
    public Task Texts_are_read_on_both_sides() => CompareAsync(
        "text",
        random => RandomBytes(random, random.Next(8) == 0 ? 5000 : 60),
        (encrypter, text) => encrypter.EncryptBytes(text),
        (encrypter, payload) => encrypter.DecryptBytes(payload));

    [Fact]
    public Task Serialised_values_are_read_on_both_sides() => CompareAsync(
        "value",
        random => PhpSerializer.Serialize(RandomValue(random, depth: 0)),
        (encrypter, value) => encrypter.EncryptPhp(PhpSerializer.Deserialize(value)),
        (encrypter, payload) => PhpSerializer.Serialize(encrypter.DecryptPhp(payload)));

    private static async Task CompareAsync(string kind, Func<Random, byte[]> make, Func<Encrypter, byte[], string> encrypt, Func<Encrypter, string, byte[]> decrypt)
    {
        var random = new Random(Seed);
        var cases = Enumerable.Range(0, Count).Select(i =>
        {
            var cipher = Ciphers[i % Ciphers.Length];
            var key = new byte[cipher.KeyLength];
            random.NextBytes(key);
            return (Cipher: cipher, Key: key, Encrypter: new Encrypter(key, cipher), Plain: make(random));
        }).ToArray();

        using var answers = await LaravelOracle.AskAsync(kind, Count, writer =>
        {
            foreach (var one in cases)
            {
                writer.WriteStartObject();
                writer.WriteBase64String("key", one.Key);
                writer.WriteString("cipher", one.Cipher.Name);
                writer.WriteBase64String(kind, one.Plain);
                writer.WriteString("ours", encrypt(one.Encrypter, one.Plain));
                writer.WriteEndObject();
            }
        });

        foreach (var (one, answer) in cases.Zip(answers.RootElement.EnumerateArray()))
        {
            Assert.Equal(Convert.ToBase64String(one.Plain), answer.GetProperty("read").GetString());
            Assert.Equal(Convert.ToBase64String(one.Plain), Convert.ToBase64String(decrypt(one.Encrypter, answer.GetProperty("theirs").GetString()!)));
        }
    }

    private static byte[] RandomBytes(Random random, int most)
    {
        var bytes = new byte[random.Next(most)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static PhpValue RandomValue(Random random, int depth) => random.Next(depth < 4 ? 8 : 6) switch
    {
        0 => PhpValue.Null,
        1 => PhpValue.Of(random.Next(2) == 0),
        2 => PhpValue.Of(random.NextInt64(long.MinValue, long.MaxValue)),
        3 => PhpValue.Of((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-20, 20))),
        4 => PhpValue.Of(RandomBytes(random, 40)),
        5 => PhpValue.Of(RandomText(random)),
        6 => PhpValue.List(Enumerable.Range(0, random.Next(5)).Select(_ => RandomValue(random, depth + 1))),
        _ => PhpValue.Map(Enumerable.Range(0, random.Next(5)).Select(i => KeyValuePair.Create(
            random.Next(2) == 0 ? PhpValue.Of((i * 100L) + random.Next(100)) : PhpValue.Of($"key {i} {RandomText(random)}"), RandomValue(random, depth + 1)))),
    };

    private static string RandomText(Random random)
    {
        string[] letters = ["a", "Z", "é", "ß", "日", "\U0001F511", " ", "\n", "\"", "\0", "/"];
        return string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => letters[random.Next(letters.Length)]));
    }
}
