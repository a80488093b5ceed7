namespace Securely.Config;

/// <summary>
/// Lets the source generator make a partial type an <see cref="IConfigOptions{TSelf}"/>: each public property that can be set is a key
/// (<c>MaxRetries</c> is <c>max_retries</c>), what it has in a new object is what an absent key means, and a <c>required</c> one must be there.
/// <see cref="System.ComponentModel.DataAnnotations.RangeAttribute"/> on a number is checked.
/// </summary>
/// <param name="section">The section; empty for the top level, and for options that only stand in others.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class ConfigOptionsAttribute(string section = "") : Attribute
{
    /// <summary>The section.</summary>
    public string Section => section;
}
