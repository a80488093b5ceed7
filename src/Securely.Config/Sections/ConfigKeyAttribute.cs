namespace Securely.Config;

/// <summary>Names the key of a property of options, where it is not its name in small letters.</summary>
/// <param name="key">The key.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConfigKeyAttribute(string key) : Attribute
{
    /// <summary>The key.</summary>
    public string Key => key;
}
