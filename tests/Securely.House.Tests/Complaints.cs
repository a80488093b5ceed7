namespace Securely.House.Tests;

/// <summary>Every rule yields complaints, each a sentence that names the place and says what to do.</summary>
internal static class Complaints
{
    /// <summary>Fails with all complaints at once, so that one run shows the whole work.</summary>
    public static void None(IEnumerable<string> complaints)
    {
        string[] all = [.. complaints];
        if (all.Length > 0)
            Assert.Fail($"{all.Length} to mend:{Environment.NewLine}{string.Join(Environment.NewLine, all)}");
    }

    /// <summary>Proves that a rule can fail: exactly one complaint, and it contains the text.</summary>
    public static void One(IEnumerable<string> complaints, string text) =>
        Assert.Contains(text, Assert.Single(complaints), StringComparison.Ordinal);
}
