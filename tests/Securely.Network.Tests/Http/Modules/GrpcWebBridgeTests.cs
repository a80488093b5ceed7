using System.Text;
using Securely.Http;
using Securely.Http.Modules;

namespace Securely.Network.Tests.Http.Modules;

/// <summary>What becomes of a call of gRPC-web and of its response (MOD-10).</summary>
public sealed class GrpcWebBridgeTests
{
    [Theory]
    [InlineData("application/grpc-web", "application/grpc")]
    [InlineData("application/grpc-web+proto", "application/grpc+proto")]
    [InlineData("Application/GRPC-Web+json", "application/grpc+json")]
    [InlineData("application/grpc-web; charset=utf-8", "application/grpc; charset=utf-8")]
    public void MOD_10_a_call_becomes_one_of_gRPC(string type, string converted)
    {
        var request = new RequestHeader("POST", "/test.Calls/Echo");
        request.Headers.Set(HeaderName.ContentType, type);

        Assert.True(GrpcWebBridge.IsCall(request));
        Assert.True(GrpcWebBridge.TryConvertRequest(request));

        Assert.Equal($"Content-Type: {converted}\r\nTE: trailers\r\n", request.Headers.ToString());
    }

    [Theory]
    [InlineData("application/grpc", false)]
    [InlineData("application/grpc-website", false)]
    [InlineData("application/grpc-web-text", true)]
    [InlineData("application/grpc-web-text+proto", true)]
    [InlineData("text/html", false)]
    public void MOD_10_another_request_stays_as_it_is(string type, bool isText)
    {
        var request = new RequestHeader("POST", "/test.Calls/Echo");
        request.Headers.Set(HeaderName.ContentType, type);

        Assert.False(GrpcWebBridge.IsCall(request));
        Assert.False(GrpcWebBridge.TryConvertRequest(request));

        Assert.Equal(isText, GrpcWebBridge.IsTextCall(request));
        Assert.Equal($"Content-Type: {type}\r\n", request.Headers.ToString());
    }

    [Theory]
    [InlineData("application/grpc", "Content-Type: application/grpc-web\r\n")]
    [InlineData("application/grpc+proto", "Content-Type: application/grpc-web+proto\r\n")]
    [InlineData("text/html", "Content-Type: text/html\r\nContent-Length: 5\r\n")]
    public void MOD_10_a_response_of_gRPC_becomes_one_of_gRPC_web(string type, string headers)
    {
        var response = new ResponseHeader(200);
        response.Headers.Set(HeaderName.ContentType, type);
        response.Headers.Set(HeaderName.ContentLength, "5");

        GrpcWebBridge.ConvertResponse(response);

        Assert.Equal(headers, response.Headers.ToString());
    }

    [Fact]
    public void MOD_10_trailers_become_the_last_message_of_the_body()
    {
        var trailers = new HeaderMap();
        trailers.Set(HeaderName.Parse("Grpc-Status"), "0");
        trailers.Set(HeaderName.Parse("grpc-message"), "all well");

        var message = GrpcWebBridge.TakeTrailers(trailers);

        Assert.Equal("\u0080\0\0\0\u0026grpc-status:0\r\ngrpc-message:all well\r\n", Encoding.Latin1.GetString(message));
        Assert.Equal(0, trailers.Count);
    }
}
