using System.Text;
using Securely.Encrypt;

namespace Securely.Components.Tests.Encrypt;

public sealed class EncryptionKeyTests
{
    [Theory]
    [InlineData(Cipher.Aes128Cbc, 16)]
    [InlineData(Cipher.Aes256Cbc, 32)]
    [InlineData(Cipher.Aes128Gcm, 16)]
    [InlineData(Cipher.Aes256Gcm, 32)]
    public void Is_as_long_as_its_cipher_wants(Cipher cipher, int length)
    {
        Assert.Equal(length, Encrypter.GenerateKey(cipher).Length);
        Assert.True(Encrypter.Supports(new byte[length], cipher));
        Assert.Throws<ArgumentException>(() => new EncryptionKey(new byte[length + 1], cipher));
    }

    [Fact]
    public void Survives_its_text()
    {
        var key = EncryptionKey.Generate();
        var again = EncryptionKey.Parse(key.Export());

        Assert.StartsWith("base64:", key.Export(), StringComparison.Ordinal);
        Assert.Equal("x", new Encrypter(new KeyRing(again)).DecryptString(new Encrypter(new KeyRing(key)).EncryptString("x")));
    }

    [Theory]
    [InlineData("base64:***", "The key begins with [base64:], but what follows is not base64; make one with securely key:generate")]
    [InlineData("base64:AAAA", "The key has 3 bytes, and [aes-256-cbc] wants 32; make one with securely key:generate")]
    [InlineData("", "The key has 0 bytes, and [aes-256-cbc] wants 32; make one with securely key:generate")]
    public void Says_what_is_wrong_without_repeating_it(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => EncryptionKey.Parse(text)).Message);

    [Fact]
    public void Does_not_print_itself()
    {
        var key = EncryptionKey.Parse(new string('k', 32));

        Assert.Equal("key of aes-256-cbc", key.ToString());
        Assert.Equal("base64:" + Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('k', 32))), key.Export());
    }

    [Fact]
    public void A_ring_reads_the_two_variables()
    {
        var (first, second, third) = (EncryptionKey.Generate(), EncryptionKey.Generate(), EncryptionKey.Generate());
        var ring = KeyRing.Parse(first.Export(), $"{second.Export()}, {third.Export()},");

        Assert.Equal([first.Export(), second.Export(), third.Export()], ring.All.Select(key => key.Export()));
        Assert.Empty(KeyRing.Parse(first.Export()).Previous);
    }

    [Fact]
    public void A_ring_has_one_cipher() =>
        Assert.Throws<ArgumentException>(() => new KeyRing(EncryptionKey.Generate(), EncryptionKey.Generate(Cipher.Aes256Gcm)));

    [Theory]
    [InlineData("aes-256-cbc", true)]
    [InlineData("AES-128-GCM", true)]
    [InlineData("aes-192-cbc", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Ciphers_have_names(string? name, bool isKnown) => Assert.Equal(isKnown, CipherExtensions.TryParse(name, out _));
}
