using Securely.Network.Tests.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>Who is told of a failure in gRPC, whose status of HTTP is 200 (PRX-08).</summary>
public sealed class GrpcFailureTests
{
    [Theory]
    [InlineData("POST", "application/grpc-web", true)]
    [InlineData("POST", "application/grpc-web+proto", true)]
    [InlineData("POST", "Application/gRPC-Web-Text", true)]
    [InlineData("GET", "application/grpc-web", false)]
    [InlineData("POST", "application/grpc", false)]
    [InlineData("POST", "application/grpc+proto", false)]
    [InlineData("GET", "application/grpc", false)]
    [InlineData("POST", "application/grpcs", false)]
    public async Task Over_HTTP_1_1_only_calls_of_gRPC_web_are_answered_in_gRPC(string method, string type, bool isCall)
    {
        await using var stage = new Stage();
        var client = await stage.ProxyAsync(
            new FilteringProxy(new MemoryPeer(() => new ReplayConnection()).Peer) { Request = (session, _) => Refuse(session) },
            () => new ReplayConnection().Read($"{method} / HTTP/1.1\r\nHost: a.test\r\nContent-Type: {type}\r\nContent-Length: 0\r\n\r\n"));

        Assert.StartsWith(isCall ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 503 Service Unavailable\r\n", client.Written, StringComparison.Ordinal);
        Assert.Equal(isCall, client.Written.Contains("grpc-status: 14\r\n", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("Cache-Control: private, no-store\r\n", client.Written, StringComparison.OrdinalIgnoreCase);
    }

    private static async ValueTask<FilterResult> Refuse(Session session)
    {
        await session.RespondErrorAsync(503);
        return FilterResult.Responded;
    }
}
