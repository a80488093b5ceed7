namespace Securely.Components.Tests.Conformance.Validation;

public sealed class PhpReaderTests
{
    [Theory]
    [InlineData("Rule::dimensions()->ratio(3/2)")]
    [InlineData("Rule::in([1, *])")]
    [InlineData("Rule::in(")]
    [InlineData("")]
    public void Says_where_it_cannot_go_on(string expression) => Assert.Throws<FormatException>(() => PhpReader.Read(expression));
}
