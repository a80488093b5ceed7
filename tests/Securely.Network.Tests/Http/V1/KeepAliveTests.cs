namespace Securely.Network.Tests.Http.V1;

public sealed class KeepAliveTests
{
    [Theory]
    [InlineData("HTTP/1.1", "X: y", true)]
    [InlineData("HTTP/1.0", "X: y", false)]
    [InlineData("HTTP/1.1", "Connection: close", false)]
    [InlineData("HTTP/1.1", "Connection: Close", false)]
    [InlineData("HTTP/1.0", "Connection: keep-alive", true)]
    [InlineData("HTTP/1.0", "Connection: Keep-Alive, x", true)]
    [InlineData("HTTP/1.0", "Connection: x,keep-alive", true)]
    [InlineData("HTTP/1.0", "Connection: x\r\nConnection: keep-alive", true)]
    [InlineData("HTTP/1.0", "Connection: keep-alive, close", false)]
    [InlineData("HTTP/1.1", "Connection: x, close", false)]
    [InlineData("HTTP/1.1", "Connection: keep-alive\r\nConnection: close", false)]
    [InlineData("HTTP/1.1", "Connection: closed", true)]
    [InlineData("HTTP/1.1", "Connection:", true)]
    [InlineData("HTTP/1.0", "Proxy-Connection: keep-alive", false)]
    public void A_request_says_whether_the_connection_stays(string version, string field, bool expected) =>
        Assert.Equal(expected, Wire.Request($"GET / {version}\r\nHost: a\r\n{field}\r\n\r\n").Framing.KeepAlive);

    [Theory]
    [InlineData("timeout=5", 5)]
    [InlineData("max=100, Timeout=60", 60)]
    [InlineData("timeout = 7 , max=1", 7)]
    [InlineData("timeout=", -1)]
    [InlineData("timeout=x", -1)]
    [InlineData("timeout=9999999999", -1)]
    [InlineData("max=5", -1)]
    public void Reads_the_timeout_of_keep_alive(string value, int expected) => Assert.Equal(
        expected, Wire.Response($"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: {value}\r\n\r\n").Framing.KeepAliveTimeout);

    [Theory]
    [InlineData("HTTP/1.1", "Expect: 100-continue", true)]
    [InlineData("HTTP/1.1", "Expect: 100-Continue", true)]
    [InlineData("HTTP/1.0", "Expect: 100-continue", false)]
    [InlineData("HTTP/1.1", "Expect: other, 100-continue", true)]
    [InlineData("HTTP/1.1", "Expect: other\r\nExpect: 100-continue", true)]
    [InlineData("HTTP/1.1", "Expect: 100-continue;x", false)]
    [InlineData("HTTP/1.1", "Expect: other", false)]
    [InlineData("HTTP/1.1", "X: y", false)]
    public void Reads_the_expectation(string version, string field, bool expected) => Assert.Equal(
        expected, Wire.Request($"POST / {version}\r\nHost: a\r\nContent-Length: 1\r\n{field}\r\n\r\n").Framing.ExpectsContinue);

    [Theory]
    [InlineData("HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket", true)]
    [InlineData("HTTP/1.1", "Connection: keep-alive, upgrade\r\nUpgrade: websocket", true)]
    [InlineData("HTTP/1.1", "Upgrade: websocket", false)]
    [InlineData("HTTP/1.1", "Connection: upgrade", false)]
    [InlineData("HTTP/1.1", "Connection: upgrade\r\nUpgrade:", false)]
    [InlineData("HTTP/1.1", "Connection: upgrade\r\nUpgrade: ,", false)]
    [InlineData("HTTP/1.1", "Connection: upgrade\r\nUpgrade:\r\nUpgrade: websocket", true)]
    [InlineData("HTTP/1.0", "Connection: upgrade\r\nUpgrade: websocket", false)]
    public void Reads_a_wish_to_upgrade(string version, string fields, bool expected) =>
        Assert.Equal(expected, Wire.Request($"GET / {version}\r\nHost: a\r\n{fields}\r\n\r\n").Framing.Upgrade);

    [Theory]
    [InlineData("Upgrade: websocket", true)]
    [InlineData("Upgrade:", false)]
    [InlineData("X: y", false)]
    public void A_switch_of_protocols_says_to_which(string field, bool expected) => Assert.Equal(
        expected, Wire.Response($"HTTP/1.1 101 x\r\nConnection: upgrade\r\n{field}\r\n\r\n", upgrade: true).Framing.Upgrade);
}
