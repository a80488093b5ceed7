namespace Securely.Http;

/// <summary>A request method that is recognised without a string being made. Methods are case-sensitive (RFC 9110 9.1).</summary>
public enum KnownMethod : byte
{
    /// <summary>Any other token; read it from <see cref="RequestHeader.Method"/>.</summary>
    Other = 0,

    /// <summary>GET.</summary>
    Get,

    /// <summary>HEAD: the answer has no body.</summary>
    Head,

    /// <summary>POST.</summary>
    Post,

    /// <summary>PUT.</summary>
    Put,

    /// <summary>DELETE.</summary>
    Delete,

    /// <summary>CONNECT: the target is an authority, and success turns the connection into a tunnel.</summary>
    Connect,

    /// <summary>OPTIONS: the only method whose target may be <c>*</c>.</summary>
    Options,

    /// <summary>TRACE.</summary>
    Trace,

    /// <summary>PATCH (RFC 5789).</summary>
    Patch,
}
