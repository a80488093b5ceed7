using System.Globalization;
using System.Reflection;

namespace Securely.Dns.Tests.Serving;

/// <summary>The sixty checks of the specification (3.4) all have a test that says its number: a row of <see cref="DigTests.Checks"/>, or a name with <c>Check_NN</c>.</summary>
public sealed class CheckListTests
{
    // Those of signed zones, which this server does not make.
    private static readonly int[] _later = [57, 58];

    [Fact]
    public void Every_check_has_a_test()
    {
        var named = typeof(CheckListTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance))
            .Where(method => method.IsDefined(typeof(FactAttribute)) && method.Name.StartsWith("Check_", StringComparison.Ordinal))
            .Select(method => int.Parse(method.Name.Split('_')[1], CultureInfo.InvariantCulture));
        var numbers = DigTests.Checks.Select(row => row.Data.Item1).Concat(named).ToHashSet();
        Assert.Equal(Enumerable.Range(1, 60).Except(_later), numbers.Order());
    }
}
