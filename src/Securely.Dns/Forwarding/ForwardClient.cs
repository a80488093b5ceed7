using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Securely.Dns;

/// <summary>Somebody who waits for an answer: its request as it came, and the way back.</summary>
internal abstract class ForwardClient(byte[] request, byte[] address, DnsTransport transport)
{
    internal byte[] Request { get; } = request;

    /// <summary>Its address: 4 or 16 bytes.</summary>
    internal byte[] Address { get; } = address;

    internal DnsTransport Transport { get; } = transport;

    /// <summary>When its question was read, by the server's clock; 0 where nobody counts.</summary>
    internal long Began { get; set; }

    internal bool IsStream => Transport != DnsTransport.Udp;

    /// <summary>Whom outstanding questions are counted for: an address of IPv4, or a network of 64 bits.</summary>
    internal ulong Network => Address.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(Address) : BinaryPrimitives.ReadUInt64BigEndian(Address);

    /// <summary>Sends the answer; the bytes are valid during the call. Called once at most, on a worker of the forwarder.</summary>
    internal abstract void Reply(ReadOnlySpan<byte> answer);

    /// <summary>There will be no answer.</summary>
    internal abstract void Drop();

    /// <summary>Whether it is another copy of the same request from the same place.</summary>
    internal virtual bool Repeats(ForwardClient other) => false;
}

/// <summary>A client of datagrams: the answer leaves from the socket that the question came to.</summary>
internal sealed class DatagramClient(Socket socket, SocketAddress remote, byte[] request, byte[] address) : ForwardClient(request, address, DnsTransport.Udp)
{
    internal override void Reply(ReadOnlySpan<byte> answer)
    {
        try
        {
            socket.SendTo(answer, SocketFlags.None, remote);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // An answer that cannot be sent is lost, as any datagram may be; or the server has stopped.
        }
    }

    internal override void Drop()
    {
        // The client asks again.
    }

    internal override bool Repeats(ForwardClient other) =>
        other is DatagramClient client && client.Request.AsSpan().SequenceEqual(Request) && client.Remote.Equals(Remote);

    private SocketAddress Remote => remote;
}
