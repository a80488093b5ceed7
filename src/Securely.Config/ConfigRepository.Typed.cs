using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Securely.Config;

[SuppressMessage("Naming", "CA1720", Justification = "The typed getters have the names that Laravel's have.")]
public sealed partial class ConfigRepository
{
    /// <summary>
    /// The value as a type: texts, booleans (<c>true</c>, <c>false</c>), durations such as <c>5m</c> as <see cref="TimeSpan"/>, and whatever else
    /// parses itself. Quotes do not matter. An encrypted value is decrypted.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <typeparam name="T">The type.</typeparam>
    /// <exception cref="ConfigException">The key is not there, has no value, or one that is no <typeparamref name="T"/>; names key and place.</exception>
    public T Get<T>(string key) where T : ISpanParsable<T>
    {
        var value = Find(key) ?? throw Missing(key);
        return TryConvert<T>(value, out var converted) ? converted : throw Wrong(key, value, Describe(typeof(T)));
    }

    /// <summary>The value as a type, or the fallback when the key is not there or its value is nothing.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">What an absent key means.</param>
    /// <typeparam name="T">The type.</typeparam>
    /// <exception cref="ConfigException">The value is there and is no <typeparamref name="T"/>.</exception>
    public T Get<T>(string key, T fallback) where T : ISpanParsable<T>
    {
        if (Find(key) is not { Kind: not ConfigKind.Null } value)
            return fallback;
        return TryConvert<T>(value, out var converted) ? converted : throw Wrong(key, value, Describe(typeof(T)));
    }

    /// <summary>The value as a type. Never throws for a value that is wrong.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <typeparam name="T">The type.</typeparam>
    /// <returns>False when the key is not there, or its value is no <typeparamref name="T"/>.</returns>
    public bool TryGet<T>(string key, [MaybeNullWhen(false)] out T value) where T : ISpanParsable<T>
    {
        value = default;
        return Find(key) is { } found && TryConvert(found, out value);
    }

    /// <summary>A text that is no number and no boolean, strictly: <c>8080</c> without quotes is none, <c>"8080"</c> is one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">What an absent key means; null refuses one.</param>
    /// <exception cref="ConfigException">The value is something else, or is absent without a fallback.</exception>
    public string String(string key, string? fallback = null)
    {
        if (Find(key) is not { } value)
            return fallback ?? throw Missing(key);
        return value.TryGetText(out var text) && !value.TryGetBoolean(out _) && !value.TryGetNumber(out _) && !value.TryGetInteger(out _)
            ? Reveal(value, text)
            : throw Wrong(key, value, "a text");
    }

    /// <summary>A whole number, strictly: without quotes.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">What an absent key means; null refuses one.</param>
    /// <exception cref="ConfigException">The value is something else, or is absent without a fallback.</exception>
    public long Integer(string key, long? fallback = null)
    {
        if (Find(key) is not { } value)
            return fallback ?? throw Missing(key);
        return value.TryGetInteger(out var number) ? number : throw Wrong(key, value, "a whole number");
    }

    /// <summary>A number that is not written as a whole one, strictly: <c>0.5</c>, <c>2.0</c>; <c>2</c> is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">What an absent key means; null refuses one.</param>
    /// <exception cref="ConfigException">The value is something else, or is absent without a fallback.</exception>
    public double Float(string key, double? fallback = null)
    {
        if (Find(key) is not { } value)
            return fallback ?? throw Missing(key);
        return value.TryGetNumber(out var number) && value.Text.AsSpan().ContainsAny(".eE") ? number : throw Wrong(key, value, "a number such as [0.5]");
    }

    /// <summary><c>true</c> or <c>false</c>, strictly: without quotes.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">What an absent key means; null refuses one.</param>
    /// <exception cref="ConfigException">The value is something else, or is absent without a fallback.</exception>
    public bool Boolean(string key, bool? fallback = null)
    {
        if (Find(key) is not { } value)
            return fallback ?? throw Missing(key);
        return value.TryGetBoolean(out var truth) ? truth : throw Wrong(key, value, "[true] or [false]");
    }

    /// <summary>A list or a map.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">What an absent key means; null refuses one.</param>
    /// <exception cref="ConfigException">The value is something else, or is absent without a fallback.</exception>
    public ConfigValue Array(string key, ConfigValue? fallback = null)
    {
        var value = Find(key) ?? fallback ?? throw Missing(key);
        return value.Kind is ConfigKind.List or ConfigKind.Map ? value : throw Wrong(key, value, "a list or a map");
    }

    /// <summary>The values of a list, or of a map in its order.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">What an absent key means; null refuses one.</param>
    /// <exception cref="ConfigException">The value is something else, or is absent without a fallback.</exception>
    public IReadOnlyList<ConfigValue> Collection(string key, ConfigValue? fallback = null)
    {
        var value = Array(key, fallback);
        return value.Kind == ConfigKind.List ? value.Items : [.. value.Entries.Select(entry => entry.Value)];
    }

    private static string Describe(Type type) => type switch
    {
        _ when type == typeof(bool) => "[true] or [false]",
        _ when type == typeof(TimeSpan) => "a duration such as [5s]",
        _ when type == typeof(int) || type == typeof(long) || type == typeof(short) || type == typeof(byte) => "a whole number that fits",
        _ when type == typeof(double) || type == typeof(float) || type == typeof(decimal) => "a number",
        _ when type == typeof(string) => "a text",
        _ => $"a {type.Name}",
    };

    private bool TryConvert<T>(ConfigValue value, [MaybeNullWhen(false)] out T converted) where T : ISpanParsable<T>
    {
        converted = default;
        if (!value.TryGetText(out var text))
            return false;
        text = Reveal(value, text);
        if (typeof(T) == typeof(string))
        {
            converted = (T)(object)text;
            return true;
        }

        // The branch is decided when the method is compiled for the type, so nothing is boxed.
        if (typeof(T) == typeof(bool))
        {
            if (text is not ("true" or "false"))
                return false;
            var truth = text is "true";
            converted = System.Runtime.CompilerServices.Unsafe.As<bool, T>(ref truth);
            return true;
        }

        if (typeof(T) == typeof(TimeSpan) && DurationText.TryParse(text, out var duration, out _))
        {
            converted = System.Runtime.CompilerServices.Unsafe.As<TimeSpan, T>(ref duration);
            return true;
        }

        return T.TryParse(text, CultureInfo.InvariantCulture, out converted);
    }

    private string Reveal(ConfigValue value, string text)
    {
        if (!ConfigSecrets.IsEncrypted(text))
            return text;
        if (_state.Secrets is not { } secrets)
            throw new ConfigException(value.Origin, "The value is encrypted and there is no key; give the repository its secrets");
        try
        {
            return secrets.Reveal(text);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new ConfigException(value.Origin, $"The encrypted value cannot be decrypted: {error.Message}");
        }
    }

    private ConfigException Missing(string key)
    {
        var nearest = NearestName.Suggestion(key, ConfigTree.Dot(Root).Select(entry => entry.Key));
        return new ConfigException(Root.Origin, $"[{key}] is missing{nearest}");
    }

    private static ConfigException Wrong(string key, ConfigValue value, string wanted) =>
        new(value.Origin, $"[{key}] must be {wanted}, not {value.Describe()}");
}
