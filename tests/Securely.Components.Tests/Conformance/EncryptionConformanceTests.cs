using System.Text;
using System.Text.Json;
using Securely.Encrypt;

namespace Securely.Components.Tests.Conformance;

/// <summary>What Laravel's encrypter makes and takes, replayed with the compatible switch.</summary>
[Trait("Category", "Conformance")]
public sealed class EncryptionConformanceTests
{
    [Fact]
    public void Encrypts_and_decrypts_as_recorded() => RecordedRun.All("encryption.json", Run);

    private static bool Run(JsonElement row) => row.GetProperty("op").GetString() switch
    {
        "decrypt" => Decrypts(row),
        "known_answer" => MakesTheKnownAnswer(row),
        "tamper" => Answers(row.GetProperty("result"), () => Text(Encrypter(row).DecryptBytes(Payload(row)))),
        "unserialize_raw" => Answers(row.GetProperty("result"), () => Json(Encrypter(row).DecryptPhp(Payload(row)))),
        "supported" => IsSupported(row),
        "generate_key" => GeneratesKey(row),
        "parse_key" => Answers(row.GetProperty("result"), () => Quoted(Convert.ToBase64String(EncryptionKey.ReadBytes(row.GetProperty("app_key").GetString()!, strict: false)))),
        "previous_keys" => Rotates(row),
        "previous_keys_bad" => Answers(row.GetProperty("result"), RefusesShortPreviousKey),
        "appears_encrypted" => Answers(row.GetProperty("result"), () => Securely.Encrypt.Encrypter.AppearsEncrypted(row.GetProperty("input").GetString()) ? "true" : "false"),
        _ => false,
    };

    private static bool Decrypts(JsonElement row)
    {
        var encrypter = Encrypter(row);
        var strict = new Encrypter(encrypter.Keys);
        var plain = row.GetProperty("plaintext_base64").GetBytesFromBase64();
        var isSerialised = row.GetProperty("serialized").GetBoolean();
        return encrypter.DecryptBytes(Payload(row)).AsSpan().SequenceEqual(plain)
            && strict.DecryptBytes(Payload(row)).AsSpan().SequenceEqual(plain)
            && strict.DecryptBytes(strict.EncryptBytes(plain)).AsSpan().SequenceEqual(plain)
            && (isSerialised ? IsSerialised(strict.DecryptPhp(Payload(row)), plain, row) : Same(Text(plain), row.GetProperty("value")));
    }

    private static bool IsSerialised(PhpValue value, byte[] plain, JsonElement row) =>
        Same(Json(value), row.GetProperty("value")) && PhpSerializer.Serialize(value).AsSpan().SequenceEqual(plain);

    private static bool MakesTheKnownAnswer(JsonElement row)
    {
        var encrypter = Encrypter(row);
        var plain = Encoding.UTF8.GetBytes(row.GetProperty("plaintext").GetString()!);
        var payload = encrypter.EncryptBytes(plain, row.GetProperty("iv_base64").GetBytesFromBase64());
        return payload == Payload(row)
            && Encoding.UTF8.GetString(Convert.FromBase64String(payload)) == row.GetProperty("json").GetString()
            && Answers(row.GetProperty("decrypts_to"), () => Text(encrypter.DecryptBytes(Payload(row))));
    }

    private static bool IsSupported(JsonElement row)
    {
        var key = new byte[row.GetProperty("key_bytes").GetInt32()];
        var isKnown = CipherExtensions.TryParse(row.GetProperty("cipher").GetString(), out var cipher);
        return row.GetProperty("supported").GetBoolean() == (isKnown && Securely.Encrypt.Encrypter.Supports(key, cipher))
            && Answers(row.GetProperty("construct"), () => isKnown ? Built(new Encrypter(key, cipher)) : throw new ArgumentException("no cipher", nameof(row)));
    }

    /// <summary>A name that is no cipher has no member here; Laravel makes 32 bytes for it, as for the default.</summary>
    private static bool GeneratesKey(JsonElement row)
    {
        var cipher = CipherExtensions.TryParse(row.GetProperty("cipher").GetString(), out var known) ? known : Cipher.Aes256Cbc;
        return Securely.Encrypt.Encrypter.GenerateKey(cipher).Length == row.GetProperty("bytes").GetProperty("value").GetInt32();
    }

    private static bool Rotates(JsonElement row)
    {
        Assert.True(CipherExtensions.TryParse(row.GetProperty("cipher").GetString(), out var cipher));
        var previous = row.GetProperty("previous_base64").EnumerateArray().Select(key => key.GetBytesFromBase64());
        var encrypter = new Encrypter(row.GetProperty("key_base64").GetBytesFromBase64(), cipher, previous) { Strict = false };
        return encrypter.Keys.All.Count == row.GetProperty("all_keys").GetInt32()
            && Answers(row.GetProperty("result"), () => Text(encrypter.DecryptBytes(Payload(row))));
    }

    private static string RefusesShortPreviousKey() => Built(new Encrypter(new byte[32], Cipher.Aes256Cbc, [new byte[5]]));

    private static string Built(Encrypter encrypter) => encrypter.Keys.All.Count > 0 ? "true" : "false";

    private static Encrypter Encrypter(JsonElement row) =>
        CipherExtensions.TryParse(row.GetProperty("cipher").GetString(), out var cipher)
            ? new Encrypter(row.GetProperty("key_base64").GetBytesFromBase64(), cipher) { Strict = false }
            : throw new ArgumentException("no cipher", nameof(row));

    private static string Payload(JsonElement row) => row.GetProperty("payload").GetString()!;

    private static bool Answers(JsonElement expected, Func<string> act)
    {
        try
        {
            var actual = act();
            return expected.TryGetProperty("value", out var value) && Same(actual, value);
        }
        catch (Exception error) when (error is DecryptException or ArgumentException or FormatException)
        {
            return expected.TryGetProperty("throws", out _);
        }
    }

    private static bool Same(string json, JsonElement expected)
    {
        using var document = JsonDocument.Parse(json);
        return JsonElement.DeepEquals(document.RootElement, expected);
    }

    private static string Text(byte[] bytes) => Json(PhpValue.Of(bytes));

    private static string Quoted(string text) => Json(PhpValue.Of(text));

    private static string Json(PhpValue value)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            RecordedRun.Write(writer, value);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
