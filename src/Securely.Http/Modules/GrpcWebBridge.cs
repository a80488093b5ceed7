using System.Buffers.Binary;
using System.Text;

namespace Securely.Http.Modules;

/// <summary>
/// Lets a browser call a server of gRPC: makes a call of gRPC-web one of gRPC, and its response one of gRPC-web, whose trailers are the last message
/// of the body (MOD-10; "gRPC-Web" of the gRPC project). Bodies pass as they are. Without state, so any thread may use it.
/// </summary>
/// <remarks>
/// A proxy calls <see cref="TryConvertRequest"/> on the head for the upstream, and for a call that it has converted <see cref="ConvertResponse"/> on
/// the final head and <see cref="TakeTrailers"/> when the body has ended. The text form, <c>application/grpc-web-text</c>, whose bodies are Base64,
/// is not converted.
/// </remarks>
public static class GrpcWebBridge
{
    private const int PrefixLength = 5;
    private const byte TrailersFlag = 0x80;

    private static ReadOnlySpan<byte> Web => "application/grpc-web"u8;

    private static ReadOnlySpan<byte> Plain => "application/grpc"u8;

    /// <summary>Whether a request is a call of gRPC-web in its binary form.</summary>
    /// <param name="request">The head.</param>
    public static bool IsCall(RequestHeader request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return TryGetSuffix(request.Headers, Web, out _);
    }

    /// <summary>Whether a request is a call of gRPC-web in its text form, which is not converted.</summary>
    /// <param name="request">The head.</param>
    public static bool IsTextCall(RequestHeader request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Headers.TryGetKnown(KnownHeader.ContentType, out var type)
            && type.Length >= Web.Length + "-text".Length && Ascii.EqualsIgnoreCase(type[..(Web.Length + "-text".Length)], "application/grpc-web-text"u8);
    }

    /// <summary>Makes the head of a call of gRPC-web that of a call of gRPC: its content type, and <c>TE: trailers</c>.</summary>
    /// <param name="request">The head for the upstream, which has to speak HTTP/2.</param>
    /// <returns>False, and nothing has changed, for what is no such call.</returns>
    public static bool TryConvertRequest(RequestHeader request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var headers = request.Headers;
        if (!TryGetSuffix(headers, Web, out var suffix))
            return false;
        Span<byte> type = stackalloc byte[Plain.Length + suffix.Length];
        Plain.CopyTo(type);
        suffix.CopyTo(type[Plain.Length..]);
        headers.SetKnown(KnownHeader.ContentType, type);
        headers.SetKnown(KnownHeader.TE, "trailers"u8);
        return true;
    }

    /// <summary>Makes the head of gRPC's response that of gRPC-web. One that does not answer in gRPC, such as an error page, stays as it is.</summary>
    /// <param name="response">The final head.</param>
    public static void ConvertResponse(ResponseHeader response)
    {
        ArgumentNullException.ThrowIfNull(response);
        var headers = response.Headers;
        if (!TryGetSuffix(headers, Plain, out var suffix))
            return;
        Span<byte> type = stackalloc byte[Web.Length + suffix.Length];
        Web.CopyTo(type);
        suffix.CopyTo(type[Web.Length..]);
        headers.SetKnown(KnownHeader.ContentType, type);
        // The trailers make the body longer.
        headers.RemoveKnown(KnownHeader.ContentLength);
    }

    /// <summary>Makes trailers the last message of the body, and empties them.</summary>
    /// <param name="trailers">The trailers of gRPC's response.</param>
    /// <returns>The message: a flag, its length in four bytes, and a line for each trailer.</returns>
    public static byte[] TakeTrailers(HeaderMap trailers)
    {
        ArgumentNullException.ThrowIfNull(trailers);
        var length = PrefixLength;
        foreach (var field in trailers)
            length += field.Name.Length + field.Value.Length + 3;
        var message = new byte[length];
        message[0] = TrailersFlag;
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), length - PrefixLength);
        var rest = message.AsSpan(PrefixLength);
        foreach (var field in trailers)
        {
            // Names are in lower case there, whoever has written them.
            Ascii.ToLower(field.Name, rest, out var written);
            rest = rest[written..];
            rest[0] = (byte)':';
            field.Value.CopyTo(rest[1..]);
            "\r\n"u8.CopyTo(rest[(field.Value.Length + 1)..]);
            rest = rest[(field.Value.Length + 3)..];
        }

        trailers.Clear();
        return message;
    }

    /// <summary>What stands behind the type: nothing, a format such as <c>+proto</c>, or parameters.</summary>
    private static bool TryGetSuffix(HeaderMap headers, ReadOnlySpan<byte> type, out ReadOnlySpan<byte> suffix)
    {
        const int LongestType = 128;
        suffix = default;
        if (!headers.TryGetKnown(KnownHeader.ContentType, out var value) || value.Length < type.Length || value.Length > LongestType
            || !Ascii.EqualsIgnoreCase(value[..type.Length], type))
            return false;
        suffix = value[type.Length..];
        return suffix.IsEmpty || suffix[0] is (byte)'+' or (byte)';';
    }
}
