using System.Text;
using Securely.Proxy;

namespace Securely.Network.Tests.Proxy.Logging;

public sealed class QueryRedactionTests
{
    private readonly QueryRedaction _redaction = new(["token", "api_key", "pass word"]);

    [Theory]
    [InlineData("a=b&token=secret&c=d", "a=b&token=***&c=d")]
    [InlineData("token=secret", "token=***")]
    [InlineData("TOKEN=secret;Api_Key=x=y", "TOKEN=***;Api_Key=***")]
    [InlineData("%74oken=secret", "%74oken=***")]
    [InlineData("%54%4F%4b%45%4E=secret", "%54%4F%4b%45%4E=***")]
    [InlineData("token[]=a&token[0]=b&token%5B1%5D=c", "token[]=***&token[0]=***&token%5B1%5D=***")]
    [InlineData("pass+word=x&pass%20word=y", "pass+word=***&pass%20word=***")]
    [InlineData("token&token=", "token&token=***")]
    [InlineData("tokens=a&xtoken=b&=token", "tokens=a&xtoken=b&=token")]
    [InlineData("token%=a&%7=b&%zz=c", "token%=a&%7=b&%zz=c")]
    [InlineData("&&a&", "&&a&")]
    [InlineData("", "")]
    public void Hides_the_values_of_its_parameters(string query, string expected) => Assert.Equal(expected, Apply(query));

    [Fact]
    public void A_name_that_is_longer_than_any_is_hidden_with_its_value() =>
        Assert.EndsWith("=***", Apply(string.Concat(Enumerable.Repeat("%74", 100)) + "=secret"), StringComparison.Ordinal);

    [Theory]
    [InlineData("https://a.test/p?token=x&b=c#token=y", "https://a.test/p?token=***&b=c#token=y")]
    [InlineData("https://a.test/token=x", "https://a.test/token=x")]
    [InlineData("?token=x", "?token=***")]
    public void Hides_them_in_an_address_too(string address, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(_redaction.ApplyToAddress(Encoding.UTF8.GetBytes(address))));

    [Fact]
    public void Without_names_it_leaves_everything() =>
        Assert.Equal("token=x", Encoding.UTF8.GetString(new QueryRedaction([]).Apply("token=x"u8)));

    private string Apply(string query) => Encoding.UTF8.GetString(_redaction.Apply(Encoding.UTF8.GetBytes(query)));
}
