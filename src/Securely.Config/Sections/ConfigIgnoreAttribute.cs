namespace Securely.Config;

/// <summary>Takes a property out of those that options read from a configuration.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConfigIgnoreAttribute : Attribute;
