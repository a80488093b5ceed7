using System.Text;
using Securely.Http;

namespace Securely.Proxy;

/// <summary>
/// How a caller of gRPC is told what went wrong here: a status of its own in a head that is the whole response. The status of HTTP would say less
/// to it, and a page nothing.
/// </summary>
internal static class GrpcFailure
{
    private static ReadOnlySpan<byte> Prefix => "application/grpc"u8;

    private static ReadOnlySpan<byte> Web => "-web"u8;

    /// <summary>
    /// Whether a request is a call of gRPC or gRPC-web: a POST by its content type, and over HTTP/2 unless it is of gRPC-web. For anything else the
    /// 200 that carries the status would pass for the resource.
    /// </summary>
    public static bool IsCall(RequestHeader request)
    {
        if (request.MethodKind != KnownMethod.Post || !request.Headers.TryGet(HeaderName.ContentType, out var type)
            || type.Length < Prefix.Length || !Ascii.EqualsIgnoreCase(type[..Prefix.Length], Prefix))
            return false;
        var rest = type[Prefix.Length..];
        return (rest.Length >= Web.Length && Ascii.EqualsIgnoreCase(rest[..Web.Length], Web))
            || (request.Version == HttpVersion.Http2 && (rest.IsEmpty || rest[0] is (byte)'+' or (byte)';'));
    }

    /// <summary>Makes the response to a call that ends with an error of HTTP.</summary>
    public static ResponseHeader Respond(RequestHeader request, int statusCode)
    {
        request.Headers.TryGet(HeaderName.ContentType, out var type);
        var header = new ResponseHeader(200);
        header.Headers.Set(HeaderName.Server, "Securely"u8);
        header.Headers.Set(HeaderName.CacheControl, "private, no-store"u8);
        header.Headers.Set(HeaderName.ContentType, type);
        header.Headers.Set(HeaderName.Parse("grpc-status"), StatusOf(statusCode).ToString(System.Globalization.CultureInfo.InvariantCulture));
        header.Headers.Set(HeaderName.Parse("grpc-message"), new ResponseHeader(statusCode).ReasonText);
        return header;
    }

    /// <summary>What gRPC makes of a status of HTTP (its "HTTP to gRPC Status Code Mapping"), and of those that it does not name.</summary>
    internal static int StatusOf(int statusCode) => statusCode switch
    {
        400 => 13, // INTERNAL
        401 => 16, // UNAUTHENTICATED
        403 => 7, // PERMISSION_DENIED
        404 or 415 => 12, // UNIMPLEMENTED
        408 => 1, // CANCELLED
        413 or 431 => 8, // RESOURCE_EXHAUSTED
        429 or 502 or 503 or 504 => 14, // UNAVAILABLE
        500 => 13, // INTERNAL
        _ => 2, // UNKNOWN
    };
}
