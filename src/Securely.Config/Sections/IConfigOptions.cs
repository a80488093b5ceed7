namespace Securely.Config;

/// <summary>
/// Typed options that read themselves from a section. The source generator of Securely.Generators writes both members for a partial type
/// with <see cref="ConfigOptionsAttribute"/>; writing them by hand is as good.
/// </summary>
/// <typeparam name="TSelf">The options.</typeparam>
public interface IConfigOptions<TSelf> where TSelf : IConfigOptions<TSelf>
{
    /// <summary>The key of the section that they are read from unless another is named; empty for the top level.</summary>
    static abstract string Section { get; }

    /// <summary>Reads them. What is wrong goes to <see cref="SectionReader.Diagnostics"/>, and reading goes on.</summary>
    /// <param name="section">The section; keys that are not asked for are unknown ones.</param>
    static abstract TSelf Read(SectionReader section);
}
