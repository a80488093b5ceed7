using System.Net;

namespace Securely.Net;

/// <summary>The digest of a real socket.</summary>
internal sealed class SocketDigest(SocketConnection connection) : ConnectionDigest(connection.Remote)
{
    private const int SocketLevel = 1;
    private const int SendBuffer = 7;
    private const int ReceiveBuffer = 8;

    private EndPoint? _local;
    private DateTimeOffset? _established;

    public override EndPoint? LocalEndPoint => _local ??= connection.GetLocalEndPoint();

    public override DateTimeOffset? EstablishedAt => _established ??= connection.GetEstablished();

    public override DateTimeOffset? LastReceivedAt => connection.LastReceivedAt;

    public override EndPoint? OriginalDestination
    {
        get
        {
            if (!OperatingSystem.IsLinux())
                return null;
            Span<byte> address = stackalloc byte[28];
            var isIPv6 = connection.Remote is IPEndPoint { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 };
            var length = connection.GetOption(isIPv6 ? 41 : 0, 80, address);
            var original = length > 0 ? LinuxAddress.Read(address[..length]) : null;
            // A kernel that tracks connections answers for all of them.
            return original is null || original.Equals(LocalEndPoint) ? null : original;
        }
    }

    public override int? ReceiveBufferSize => Integer(ReceiveBuffer);

    public override int? SendBufferSize => Integer(SendBuffer);

    public override TcpInfo? GetTcpInfo()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        Span<byte> raw = stackalloc byte[TcpInfo.RawSize];
        var length = connection.GetOption(6, 11, raw);
        return length > 0 ? TcpInfo.Read(raw[..length]) : null;
    }

    private int? Integer(int name)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        Span<byte> value = stackalloc byte[4];
        return connection.GetOption(SocketLevel, name, value) == 4 ? BitConverter.ToInt32(value) : null;
    }
}
