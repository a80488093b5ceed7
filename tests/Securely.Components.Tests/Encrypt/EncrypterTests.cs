using System.Text;
using System.Text.Json.Serialization;
using Securely.Encrypt;

namespace Securely.Components.Tests.Encrypt;

public sealed class EncrypterTests
{
    private static readonly byte[] Key = Encoding.ASCII.GetBytes("0123456789abcdef0123456789abcdef");

    public static TheoryData<Cipher> Ciphers => [.. Enum.GetValues<Cipher>()];

    [Theory]
    [MemberData(nameof(Ciphers))]
    public void Reads_what_it_wrote(Cipher cipher)
    {
        var encrypter = new Encrypter(new KeyRing(EncryptionKey.Generate(cipher)));
        foreach (var text in new[] { "", "a", new string('x', 15), new string('x', 16), new string('ż', 10_000), "line\r\nline\0" })
            Assert.Equal(text, encrypter.DecryptString(encrypter.EncryptString(text)));
    }

    [Theory]
    [InlineData(Cipher.Aes256Cbc)]
    [InlineData(Cipher.Aes256Gcm)]
    public void Reads_payloads_of_every_length(Cipher cipher)
    {
        var encrypter = new Encrypter(Encrypter.GenerateKey(cipher), cipher);
        var plain = new byte[9000];
        new Random(1).NextBytes(plain);
        for (var length = 0; length < plain.Length; length++)
            Assert.True(plain.AsSpan(0, length).SequenceEqual(encrypter.DecryptBytes(encrypter.EncryptBytes(plain.AsSpan(0, length)))), $"Length {length}");
    }

    [Fact]
    public void Writes_the_payload_of_the_page()
    {
        var encrypter = new Encrypter(Encoding.ASCII.GetBytes("kkkkkkkkkkkkkkkk"), Cipher.Aes128Cbc);

        var payload = encrypter.EncryptBytes("hello"u8, new byte[16]);

        Assert.Equal(
            """{"iv":"AAAAAAAAAAAAAAAAAAAAAA==","value":"k9foUlrFv5QjG53YtmWPVg==","mac":"d8cd2adb3fbbfaeb5b812015a4373bf1ce97e7aea1a0a76786a318e02f3f4470","tag":""}""",
            Encoding.ASCII.GetString(Convert.FromBase64String(payload)));
    }

    [Fact]
    public void Never_writes_the_same_payload_twice()
    {
        var encrypter = new Encrypter(Key);
        Assert.NotEqual(encrypter.EncryptString("same"), encrypter.EncryptString("same"));
    }

    [Theory]
    [MemberData(nameof(Ciphers))]
    public void Refuses_a_payload_with_any_one_letter_changed(Cipher cipher)
    {
        var encrypter = new Encrypter(new KeyRing(EncryptionKey.Generate(cipher)));
        var payload = encrypter.EncryptString("secret");
        var json = Encoding.ASCII.GetString(Convert.FromBase64String(payload));
        for (var i = 0; i < json.Length; i++)
        {
            // The last letter before padding has bits that mean nothing.
            if (json[i] is '=' || (i + 1 < json.Length && json[i + 1] == '='))
                continue;
            var changed = json[..i] + (json[i] == 'A' ? 'B' : 'A') + json[(i + 1)..];
            Assert.Throws<DecryptException>(() => encrypter.DecryptString(Convert.ToBase64String(Encoding.ASCII.GetBytes(changed))));
        }
    }

    [Theory]
    [InlineData("", "The payload is malformed: what is in the base64 is not JSON")]
    [InlineData("%%%", "The payload is malformed: it is not base64")]
    [InlineData("bm8=", "The payload is malformed: what is in the base64 is not JSON")]
    [InlineData("W10=", "The payload is malformed: it is not a JSON object")]
    [InlineData("e30=", "The payload is malformed: field [iv] is missing")]
    [InlineData("eyJpdiI6MX0=", "The payload is malformed: field [iv] is not text")]
    public void Says_what_is_malformed(string payload, string message)
    {
        var error = Assert.Throws<DecryptException>(() => new Encrypter(Key).DecryptString(payload));
        Assert.Equal((message, DecryptFailure.Malformed), (error.Message, error.Failure));
    }

    [Theory]
    [InlineData("payload\n")]
    [InlineData("pay load")]
    [InlineData("no padding")]
    [InlineData("unknown field")]
    [InlineData("repeated field")]
    [InlineData("tag of a cipher without")]
    public void Is_stricter_than_the_original_unless_told_otherwise(string damage)
    {
        var payload = Damage(new Encrypter(Key).EncryptString("secret!"), damage);

        var error = Assert.Throws<DecryptException>(() => new Encrypter(Key).DecryptString(payload));
        Assert.Equal(DecryptFailure.Malformed, error.Failure);
        Assert.Equal("secret!", new Encrypter(Key) { Strict = false }.DecryptString(payload));
    }

    [Fact]
    public void Refuses_a_mac_beside_a_tag()
    {
        var encrypter = new Encrypter(Key, Cipher.Aes256Gcm);
        var payload = Edit(encrypter.EncryptString("secret"), json => json.Replace("\"mac\":\"\"", "\"mac\":\"00\"", StringComparison.Ordinal));

        Assert.Throws<DecryptException>(() => encrypter.DecryptString(payload));
        Assert.Equal("secret", new Encrypter(Key, Cipher.Aes256Gcm) { Strict = false }.DecryptString(payload));
    }

    [Fact]
    public void Reads_slashes_that_are_escaped()
    {
        var encrypter = new Encrypter(Key);
        var payload = encrypter.EncryptBytes("secret"u8, Convert.FromBase64String("/////////////////////w=="));
        var escaped = Edit(payload, json => json.Replace("/", "\\/", StringComparison.Ordinal));

        Assert.Equal("secret", encrypter.DecryptString(escaped));
    }

    [Fact]
    public void Decrypts_with_previous_keys_and_renews_with_the_current_one()
    {
        var old = new Encrypter(new KeyRing(EncryptionKey.Generate()));
        var payload = old.EncryptString("kept");
        var next = new Encrypter(old.Keys.Rotate(EncryptionKey.Generate()));

        Assert.Equal("kept", next.DecryptString(payload));
        Assert.True(next.TryRenew(payload, out var renewed));
        Assert.Equal("kept", new Encrypter(new KeyRing(next.Keys.Current)).DecryptString(renewed));
        Assert.False(next.TryRenew(renewed, out _));
        Assert.False(old.TryDecryptString(renewed, out _));
    }

    [Fact]
    public void Bytes_are_no_text()
    {
        var encrypter = new Encrypter(Key);
        var payload = encrypter.EncryptBytes([0xff, 0xfe]);

        Assert.Equal(DecryptFailure.WrongContents, Assert.Throws<DecryptException>(() => encrypter.DecryptString(payload)).Failure);
        Assert.Equal([0xff, 0xfe], encrypter.DecryptBytes(payload));
        Assert.Throws<ArgumentException>(() => encrypter.EncryptString("\ud800"));
    }

    [Fact]
    public void Encrypts_values_as_json()
    {
        var encrypter = new Encrypter(Key);
        var payload = encrypter.Encrypt(["a", "b"], EncrypterTestsJson.Default.StringArray);

        Assert.Equal(["a", "b"], encrypter.Decrypt(payload, EncrypterTestsJson.Default.StringArray)!);
        Assert.Equal("""["a","b"]""", encrypter.DecryptString(payload));
        Assert.Throws<DecryptException>(() => encrypter.Decrypt(encrypter.EncryptString("{"), EncrypterTestsJson.Default.StringArray));
    }

    [Fact]
    public void A_payload_of_megabytes_and_a_nest_of_brackets_are_refused_in_bounded_time()
    {
        var encrypter = new Encrypter(Key);
        Assert.Throws<DecryptException>(() => encrypter.DecryptString(new string('A', 10 << 20)));
        var nested = "{\"x\":" + new string('[', 1 << 20);
        foreach (var strict in new[] { true, false })
            Assert.Throws<DecryptException>(() => new Encrypter(Key) { Strict = strict }.DecryptString(Convert.ToBase64String(Encoding.ASCII.GetBytes(nested))));
    }

    [Fact]
    public async Task Serves_many_threads_at_once()
    {
        var encrypter = new Encrypter(Key);
        await Parallel.ForAsync(0, 500, TestContext.Current.CancellationToken, (i, _) =>
        {
            var text = new string((char)('a' + (i % 26)), i);
            Assert.Equal(text, encrypter.DecryptString(encrypter.EncryptString(text)));
            return ValueTask.CompletedTask;
        });
    }

    private static string Damage(string payload, string damage) => damage switch
    {
        "payload\n" => payload + "\n",
        "pay load" => payload.Insert(8, " "),
        "no padding" => Edit(payload, json => json + "    "[..(3 - ((json.Length + 2) % 3))]).TrimEnd('='),
        "unknown field" => Edit(payload, json => json.Replace("}", ",\"x\":[1,{}]}", StringComparison.Ordinal)),
        "repeated field" => Edit(payload, json => json.Replace("{", "{\"iv\":\"\",", StringComparison.Ordinal)),
        _ => Edit(payload, json => json.Replace("\"tag\":\"\"", "\"tag\":\"0\"", StringComparison.Ordinal)),
    };

    private static string Edit(string payload, Func<string, string> edit) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes(edit(Encoding.ASCII.GetString(Convert.FromBase64String(payload)))));
}

[JsonSerializable(typeof(string[]))]
internal sealed partial class EncrypterTestsJson : JsonSerializerContext;
