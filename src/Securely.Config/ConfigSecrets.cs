using System.Diagnostics.CodeAnalysis;
using Securely.Encrypt;

namespace Securely.Config;

/// <summary>
/// Encrypted values of a configuration: <c>enc:</c> and the payload. They are decrypted when somebody reads them, and nothing here keeps or
/// prints the plain text. Thread-safe when its two functions are.
/// </summary>
/// <param name="encrypt">Makes a payload of a text.</param>
/// <param name="decrypt">Makes the text of a payload, or throws.</param>
public sealed class ConfigSecrets(Func<string, string> encrypt, Func<string, string> decrypt)
{
    /// <summary>Encrypts with the current key of an encrypter, and decrypts with all of its keys.</summary>
    /// <param name="encrypter">The encrypter.</param>
    public ConfigSecrets(Encrypter encrypter) : this(text => encrypter.EncryptString(text), payload => encrypter.DecryptString(payload)) =>
        ArgumentNullException.ThrowIfNull(encrypter);

    /// <summary>What an encrypted value begins with.</summary>
    public const string Prefix = "enc:";

    /// <summary>What is shown in place of a secret.</summary>
    public const string Mask = "********";

    /// <summary>Whether a text is an encrypted value.</summary>
    /// <param name="text">The text.</param>
    public static bool IsEncrypted([NotNullWhen(true)] string? text) => text is not null && text.StartsWith(Prefix, StringComparison.Ordinal) && text.Length > Prefix.Length;

    /// <summary>Whether a value is an encrypted text.</summary>
    /// <param name="value">The value.</param>
    public static bool IsEncrypted([NotNullWhen(true)] ConfigValue? value) => value is not null && value.TryGetText(out var text) && IsEncrypted(text);

    /// <summary>The encrypted value of a text, as it is written in a file.</summary>
    /// <param name="text">The text.</param>
    public string Protect(string text) => Prefix + encrypt(text);

    /// <summary>The text of a value: decrypted where it is encrypted, else as it is.</summary>
    /// <param name="text">The value.</param>
    /// <returns>The plain text.</returns>
    /// <remarks>What the decrypting function throws goes through.</remarks>
    public string Reveal(string text) => IsEncrypted(text) ? decrypt(text[Prefix.Length..]) : text;
}
