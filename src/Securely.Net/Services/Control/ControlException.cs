namespace Securely.Net;

/// <summary>A server could not be asked, or it refused; the message says which and what to do.</summary>
public sealed class ControlException : Exception
{
    internal ControlException(ControlFailure failure, string message, string? code = null, Exception? cause = null)
        : base(message, cause)
    {
        Failure = failure;
        Code = code;
    }

    /// <summary>What went wrong.</summary>
    public ControlFailure Failure { get; }

    /// <summary>The server's own code for <see cref="ControlFailure.Refused"/>, in snake case; null for all others.</summary>
    public string? Code { get; }
}

/// <summary>Why a server could not be asked.</summary>
public enum ControlFailure
{
    /// <summary>There is no socket file: no server runs here, or it runs with another file.</summary>
    NoSocket,

    /// <summary>The socket file is there and nobody listens on it: the server has died.</summary>
    NotRunning,

    /// <summary>This user may not use the socket.</summary>
    PermissionDenied,

    /// <summary>The server speaks another version of the protocol.</summary>
    VersionMismatch,

    /// <summary>The server did not answer in time.</summary>
    TimedOut,

    /// <summary>The server answered with an error of its own; <see cref="ControlException.Code"/> says which.</summary>
    Refused,

    /// <summary>The server went away, or sent what is no answer.</summary>
    Broken,
}
