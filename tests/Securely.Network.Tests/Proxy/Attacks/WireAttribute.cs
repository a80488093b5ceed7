using System.Reflection;
using Securely.Testing;
using Xunit.Sdk;
using Xunit.v3;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>
/// Rows of a theory, one for each <see cref="Transport"/> and <see cref="Delivery"/>, which are the first two parameters of the test. What is given
/// here, mostly literal bytes (Latin-1), follows them.
/// </summary>
/// <param name="arguments">The other parameters.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class WireAttribute(params object?[] arguments) : DataAttribute
{
    /// <summary>Whether there is only the row that is delivered whole, because the bytes are many or are cut by the test itself. Default: false.</summary>
    public bool OnlyWhole { get; set; }

    /// <inheritdoc/>
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
    {
        var label = string.Concat(arguments.Select(argument => $", {Escape($"{argument}")}"));
        var rows =
            from transport in Enum.GetValues<Transport>()
            from delivery in OnlyWhole ? [Delivery.Whole] : Enum.GetValues<Delivery>()
            select new TheoryDataRow([transport, delivery, .. arguments]) { Label = $"{transport}, {delivery}{label}" };
        return ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>([.. rows]);
    }

    /// <inheritdoc/>
    public override bool SupportsDiscoveryEnumeration() => true;

    /// <summary>The whole text, so that rows which differ far behind have different names.</summary>
    private static string Escape(string text) => string.Concat(text.Select(character => character switch
    {
        '\r' => @"\r",
        '\n' => @"\n",
        '\t' => @"\t",
        < ' ' or (>= '\x7f' and <= '\xa0') => $@"\x{(int)character:x2}",
        _ => character.ToString(),
    }));
}
