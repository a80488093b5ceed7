using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Securely.Dns;

/// <summary>
/// One thread with one socket of its own: it waits for questions, answers them where it stands and sends the answers. Where several threads share
/// an address, the kernel spreads the clients over their sockets.
/// </summary>
internal abstract partial class UdpFront(Socket socket, Responder responder, ILogger logger)
{
    /// <summary>The largest datagram that is read: more than any question, and most updates.</summary>
    protected const int RequestSize = 4096;

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopping;

    /// <summary>Ends with the thread.</summary>
    internal Task Ended => _ended.Task;

    protected Socket Socket { get; } = socket;

    protected Responder Responder { get; } = responder;

    protected bool IsStopping => _stopping;

    /// <summary>Makes the best front for the platform.</summary>
    internal static UdpFront Create(Socket socket, Responder responder, ILogger logger, bool isPortable) =>
        !isPortable && UdpCalls.IsSupported ? new BatchUdpFront(socket, responder, logger) : new PortableUdpFront(socket, responder, logger);

    /// <summary>Starts the thread.</summary>
    internal void Start(string name) => new Thread(Run) { IsBackground = true, Name = name }.UnsafeStart();

    /// <summary>Ends the thread: what it has read is still answered.</summary>
    internal void Stop()
    {
        if (_stopping)
            return;
        _stopping = true;
        try
        {
            // Wakes the thread; a socket without a peer answers with an error all the same.
            Socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // That error; or the thread has ended by itself.
        }

        if (this is PortableUdpFront)
            Socket.Dispose();
    }

    /// <summary>Answers until it is stopped.</summary>
    protected abstract void Serve();

    /// <summary>Whether an answer to an address could reach somebody who asked.</summary>
    internal static bool IsPlausible(ReadOnlySpan<byte> port, ReadOnlySpan<byte> address) =>
        (port[0] | port[1]) != 0 && (address.Length == 4 ? MemoryMarshal.Read<uint>(address) is not 0 and not uint.MaxValue : address.ContainsAnyExcept((byte)0));

    /// <summary>The address of a client as it is compared: an IPv4 address that came in IPv6's form is one of IPv4.</summary>
    protected static ReadOnlySpan<byte> Canonical(ReadOnlySpan<byte> address) =>
        address.Length == 16 && address.StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]) ? address[12..] : address;

    /// <summary>Lets a change go its way; whoever ends it sends the answer from this socket, whose address the client knows.</summary>
    /// <param name="update">The change.</param>
    /// <param name="remote">The client's address as the system has it.</param>
    protected void Begin(UpdateRequest update, ReadOnlySpan<byte> remote)
    {
        var address = new SocketAddress(Socket.AddressFamily, remote.Length);
        remote.CopyTo(address.Buffer.Span);
        update.Start(answer => Send(answer.Span, address));
    }

    /// <summary>Sends an answer.</summary>
    protected void Send(ReadOnlySpan<byte> answer, SocketAddress remote)
    {
        try
        {
            Socket.SendTo(answer, SocketFlags.None, remote);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // An answer that cannot be sent is lost, as any datagram may be; the client asks again.
        }
    }

    /// <summary>Has a question asked of others; nobody waits for it here.</summary>
    protected void Forward(ReadOnlySpan<byte> request, ReadOnlySpan<byte> remote, ReadOnlySpan<byte> address)
    {
        var copy = new SocketAddress(Socket.AddressFamily, remote.Length);
        remote.CopyTo(copy.Buffer.Span);
        Responder.Wanted.Ask(new DatagramClient(Socket, copy, request.ToArray(), address.ToArray()));
    }

    private void Run()
    {
        using var cells = Responder.CountOnThread();
        try
        {
            Serve();
        }
        catch (Exception error) when (_stopping && error is SocketException or ObjectDisposedException)
        {
            // The socket was closed to wake the thread.
        }
        catch (Exception error)
        {
            LogFailed(logger, error, Thread.CurrentThread.Name);
        }
        finally
        {
            Socket.Dispose();
            _ended.TrySetResult();
        }
    }

    [LoggerMessage(4001, LogLevel.Critical, "Thread [{Thread}] has failed; its datagrams are no longer answered")]
    private static partial void LogFailed(ILogger logger, Exception error, string? thread);
}

/// <summary>One datagram at a time through the runtime's sockets.</summary>
internal sealed class PortableUdpFront(Socket socket, Responder responder, ILogger logger) : UdpFront(socket, responder, logger)
{
    protected override void Serve()
    {
        var request = new byte[RequestSize];
        var response = new byte[RequestSize];
        var remote = new SocketAddress(Socket.AddressFamily);
        var isFour = Socket.AddressFamily == AddressFamily.InterNetwork;
        while (!IsStopping)
        {
            remote.Size = remote.Buffer.Length;
            int length;
            try
            {
                length = Socket.ReceiveFrom(request, SocketFlags.None, remote);
            }
            catch (SocketException) when (!IsStopping)
            {
                // A client's "unreachable", or a datagram that is too long: nobody's question.
                continue;
            }

            var address = Canonical(isFour ? remote.Buffer.Span.Slice(4, 4) : remote.Buffer.Span.Slice(8, 16));
            if (!IsPlausible(remote.Buffer.Span.Slice(2, 2), address))
                continue;
            var answer = Responder.Respond(request.AsSpan(0, length), response, address, isStream: false);
            if (answer > 0)
                Send(response.AsSpan(0, answer), remote);
            else if (Responder.Update is { } update)
                Begin(update, remote.Buffer.Span[..remote.Size]);
            else if (Responder.Wanted.Key is not null)
                Forward(request.AsSpan(0, length), remote.Buffer.Span[..remote.Size], address);
        }
    }
}
