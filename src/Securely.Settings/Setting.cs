using Securely.Config;

namespace Securely.Settings;

/// <summary>One setting as it stands in its file.</summary>
/// <param name="Name">The name of the variable.</param>
/// <param name="Stored">The value as it is stored: encrypted ones begin with <c>enc:</c>.</param>
/// <param name="Origin">Where it stands.</param>
public sealed record Setting(string Name, string Stored, ConfigOrigin Origin)
{
    // The words of names whose values nobody should read over somebody's shoulder.
    private static readonly string[] SecretWords =
        ["KEY", "KEYS", "SECRET", "SECRETS", "PASSWORD", "PASSWD", "PASS", "PASSPHRASE", "TOKEN", "TOKENS", "CREDENTIAL", "CREDENTIALS", "PRIVATE", "PIN", "SALT", "DSN"];

    /// <summary>Whether the stored value is encrypted.</summary>
    public bool IsEncrypted => ConfigSecrets.IsEncrypted(Stored);

    /// <summary>Whether the value is hidden where settings are shown: it is encrypted, or the name says so (<c>DB_PASSWORD</c>, <c>APP_KEY</c>).</summary>
    public bool IsSecret => IsEncrypted || IsSecretName(Name) || HasPassword(Stored);

    /// <summary>What is shown: the value, or asterisks for a secret.</summary>
    public string Shown => IsSecret && Stored.Length > 0 ? ConfigSecrets.Mask : Stored;

    /// <summary>Whether the name says that its value is a secret.</summary>
    /// <param name="name">The name.</param>
    public static bool IsSecretName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Split('_', '.').Any(word => SecretWords.Contains(word, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Nothing of the value: records print themselves, and this one must not.</summary>
    public override string ToString() => $"{Name} at {Origin}";

    /// <summary>Whether this is an address with a password in it, as in <c>redis://:secret@host</c>.</summary>
    /// <param name="value">The value.</param>
    public static bool HasPassword(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var scheme = value.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return false;
        var authority = value.AsSpan(scheme + 3);
        var end = authority.IndexOfAny("/?#");
        authority = end < 0 ? authority : authority[..end];
        var at = authority.LastIndexOf('@');
        return at > 0 && authority[..at].Contains(':');
    }
}
