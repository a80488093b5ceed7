using System.Net;
using System.Net.Sockets;

namespace Securely.Net;

/// <summary>What a failed connect means (CON-06).</summary>
internal static class ConnectErrors
{
    internal static NetException ToException(SocketError error, EndPoint peer)
    {
        var (kind, what, source) = error switch
        {
            SocketError.ConnectionRefused => (NetErrorKind.ConnectRefused, "refused the connection", ErrorSource.Upstream),
            SocketError.TimedOut => (NetErrorKind.ConnectTimedOut, "did not take the connection in time", ErrorSource.Upstream),
            SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.NetworkDown or SocketError.HostDown =>
                (NetErrorKind.ConnectNoRoute, "cannot be reached", ErrorSource.Upstream),
            SocketError.AddressNotAvailable => (NetErrorKind.BindError, "cannot be dialled: the own address or port is not available", ErrorSource.Internal),
            SocketError.AccessDenied or SocketError.AddressAlreadyInUse or SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable =>
                (NetErrorKind.Internal, $"cannot be dialled ({error})", ErrorSource.Internal),
            _ => (NetErrorKind.ConnectError, $"cannot be dialled ({error})", ErrorSource.Upstream),
        };
        return new NetException(kind, $"Peer [{peer}] {what}", source, new SocketException((int)error));
    }
}
