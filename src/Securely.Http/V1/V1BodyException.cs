namespace Securely.Http;

/// <summary>A body whose framing is wrong or that was cut. The status is 0 when the peer has gone, so that no answer makes sense.</summary>
internal sealed class V1BodyException(HeadError error) : IOException(error.Problem)
{
    internal int StatusCode => error.StatusCode;
}
