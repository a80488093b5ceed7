using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Securely.Net;

/// <summary>Reads the kernel's socket addresses and error numbers.</summary>
internal static class LinuxAddress
{
    private const int InternetFamily = 2;
    private const int Internet6Family = 10;

    /// <summary>Null for a Unix socket, whose peer has no name.</summary>
    internal static EndPoint? Read(ReadOnlySpan<byte> address)
    {
        if (address.Length < 2)
            return null;
        var family = BitConverter.ToUInt16(address);
        if (family == InternetFamily && address.Length >= 8)
            return new IPEndPoint(new IPAddress(address.Slice(4, 4)), BinaryPrimitives.ReadUInt16BigEndian(address[2..]));
        if (family != Internet6Family || address.Length < 28)
            return null;
        var ip = new IPAddress(address.Slice(8, 16), BitConverter.ToUInt32(address[24..]));
        return Unmap(new IPEndPoint(ip, BinaryPrimitives.ReadUInt16BigEndian(address[2..])));
    }

    /// <summary>An IPv4 peer of a dual-stack socket is shown as IPv4.</summary>
    internal static IPEndPoint Unmap(IPEndPoint address) =>
        address.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(address.Address.MapToIPv4(), address.Port) : address;

    /// <summary>Whether an accept failed because of the one connection that it took: the next one may be well (accept(2)).</summary>
    internal static bool IsOfOneConnection(int number) => number is 1 or 64 or 71 or 92 or 95 or 100 or 101 or 103 or 112 or 113;

    internal static SocketError ToSocketError(int number) => number switch
    {
        LinuxCalls.Again => SocketError.WouldBlock,
        LinuxCalls.InProgress => SocketError.InProgress,
        1 or 13 => SocketError.AccessDenied,
        2 => SocketError.AddressNotAvailable,
        24 or 23 => SocketError.TooManyOpenSockets,
        32 => SocketError.Shutdown,
        97 => SocketError.AddressFamilyNotSupported,
        98 => SocketError.AddressAlreadyInUse,
        99 => SocketError.AddressNotAvailable,
        100 => SocketError.NetworkDown,
        101 => SocketError.NetworkUnreachable,
        103 => SocketError.ConnectionAborted,
        104 => SocketError.ConnectionReset,
        105 => SocketError.NoBufferSpaceAvailable,
        107 => SocketError.NotConnected,
        110 => SocketError.TimedOut,
        111 => SocketError.ConnectionRefused,
        112 => SocketError.HostDown,
        113 => SocketError.HostUnreachable,
        _ => SocketError.SocketError,
    };
}
