using Securely.Http;

namespace Securely.Network.Tests.Http.Headers;

public sealed class ResponseHeaderTests
{
    [Fact]
    public void Has_the_usual_reason_until_another_is_set()
    {
        var header = new ResponseHeader(404);
        Assert.Equal("Not Found", header.ReasonText);
        header.SetReason("Nowhere");
        Assert.Equal("Nowhere", header.ReasonText);
        header.StatusCode = 299;
        Assert.Equal("", header.ReasonText);
    }

    [Theory]
    [InlineData(99)]
    [InlineData(1000)]
    public void Refuses_a_status_that_has_not_three_digits(int status) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResponseHeader(status));

    [Fact]
    public void Refuses_a_reason_that_would_split_the_message() =>
        Assert.Throws<ArgumentException>(() => new ResponseHeader(200).SetReason("OK\r\nX: y"));

    [Fact]
    public void A_copy_is_independent()
    {
        var header = new ResponseHeader(200);
        header.Headers.Set("Server", "a");
        var copy = new ResponseHeader(500);
        copy.CopyFrom(header);
        copy.Headers.Set("Server", "b");
        copy.StatusCode = 201;
        Assert.Equal("200 OK\r\nServer: a\r\n", header.ToString());
        Assert.Equal("201 Created\r\nServer: b\r\n", copy.ToString());
    }
}
