using Securely.Validation;

namespace Securely.Components.Tests.Validation;

public sealed class DistinctTests
{
    [Theory]
    [InlineData("distinct", """[1,"01"]""", "0 1")]
    [InlineData("distinct", """["a","A"]""", "")]
    [InlineData("distinct", """[[],["x"]]""", "")]
    [InlineData("distinct", """[true,["x"]]""", "1")]
    [InlineData("distinct", """[null,[],[]]""", "0 1 2")]
    [InlineData("distinct", """[null,"0",false]""", "0 1 2")]
    [InlineData("distinct:strict", """[[],[]]""", "0 1")]
    [InlineData("distinct:strict", """[1.0,1,"1"]""", "")]
    [InlineData("distinct:strict,ignore_case", """[1.0,1]""", "")]
    [InlineData("distinct:strict,ignore_case", """[1,"1"]""", "1")]
    [InlineData("distinct:ignore_case", """["a","A","\u00E9","\u00C9"]""", "0 1 2 3")]
    [InlineData("distinct:ignore_case", """[1,"01"]""", "0")]
    [InlineData("distinct:ignore_case", """[true,"1"]""", "0 1")]
    [InlineData("distinct:ignore_case", """[null,""]""", "0")]
    [InlineData("distinct:ignore_case", """["a","A\n"]""", "0")]
    public async Task Compares_as_the_original_does(string rule, string items, string duplicates)
    {
        using var json = System.Text.Json.JsonDocument.Parse(items);
        var validator = new Validator(Judge.Form(("items", FieldValue.FromJson(json.RootElement))), new RuleSet { ["items.*"] = rule });
        await validator.PassesAsync(TestContext.Current.CancellationToken);
        Assert.Equal(duplicates, string.Join(' ', validator.Errors.Keys.Select(key => key["items.".Length..])));
    }
}
