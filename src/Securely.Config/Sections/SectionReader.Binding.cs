using System.Globalization;

namespace Securely.Config;

public sealed partial class SectionReader
{
    /// <summary>Decrypts encrypted texts; null leaves them as they are.</summary>
    internal ConfigSecrets? Secrets { get; private init; }

    /// <summary>Reads typed options from this section.</summary>
    /// <typeparam name="T">The options.</typeparam>
    public T Bind<T>() where T : IConfigOptions<T> => T.Read(this);

    /// <summary>Whether the key is there with a value. Makes the key known.</summary>
    /// <param name="key">The key.</param>
    public bool HasValue(string key) => Value(key) is not null;

    /// <summary>A value of a type that parses itself, such as <see cref="Guid"/> or <see cref="decimal"/>; the invariant culture's way of writing.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">What an absent key means.</param>
    /// <typeparam name="T">The type.</typeparam>
    public T Parsed<T>(string key, T fallback) where T : ISpanParsable<T> => TryParse<T>(key, out var parsed, out _) ? parsed : fallback;

    /// <summary>The same within bounds.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">What an absent key means.</param>
    /// <param name="minimum">The least that is allowed.</param>
    /// <param name="maximum">The most that is allowed.</param>
    /// <typeparam name="T">The type.</typeparam>
    public T Parsed<T>(string key, T fallback, T minimum, T maximum) where T : ISpanParsable<T>, IComparable<T>
    {
        if (!TryParse<T>(key, out var parsed, out var value))
            return fallback;
        if (parsed.CompareTo(minimum) >= 0 && parsed.CompareTo(maximum) <= 0)
            return parsed;
        Diagnostics.Error(value.Origin, string.Create(CultureInfo.InvariantCulture, $"[{key}] must be between [{minimum}] and [{maximum}], not {value.Describe()}"));
        return fallback;
    }

    /// <summary>Starts to read a section of a repository, whose texts may be encrypted.</summary>
    internal static SectionReader Of(ConfigValue value, string name, ConfigDiagnostics diagnostics, ConfigSecrets? secrets) => new(value, name, diagnostics) { Secrets = secrets };

    private bool TryParse<T>(string key, out T parsed, out ConfigValue value) where T : ISpanParsable<T>
    {
        parsed = default!;
        value = Find(key, mayBeEmpty: false)!;
        if (value is null || !IsText(value, key, "a text", out var text))
            return false;
        if (T.TryParse(text, CultureInfo.InvariantCulture, out parsed!))
            return true;
        Diagnostics.Error(value.Origin, $"[{key}] is not one of the type [{typeof(T).Name}]: {value.Describe()}");
        return false;
    }

    /// <summary>The plain text of a value; null, and an error without a word of it, when it cannot be decrypted.</summary>
    private string? Reveal(ConfigValue value, string key, string text)
    {
        if (Secrets is null || !ConfigSecrets.IsEncrypted(text))
            return text;
        try
        {
            return Secrets.Reveal(text);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Diagnostics.Error(value.Origin, $"[{key}] cannot be decrypted: {error.Message}");
            return null;
        }
    }
}
