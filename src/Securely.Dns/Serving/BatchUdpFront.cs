using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Securely.Dns;

/// <summary>Up to 32 datagrams with one system call to read them and one to send their answers. Memory is taken once, and nothing moves it.</summary>
internal sealed unsafe class BatchUdpFront(Socket socket, Responder responder, ILogger logger) : UdpFront(socket, responder, logger)
{
    private const int BatchSize = 32;
    private const int AddressSize = 28;

    // Buffers whose beginnings are whole pages apart would fall on one another in the processor's first cache.
    private const int BufferSize = RequestSize + 192;
    private const int FamilyFour = 2;
    private readonly byte[] _memory = GC.AllocateUninitializedArray<byte>(BatchSize * ((2 * BufferSize) + AddressSize), pinned: true);
    private readonly MessageBatchEntry[] _requests = GC.AllocateArray<MessageBatchEntry>(BatchSize, pinned: true);
    private readonly MessageBatchEntry[] _responses = GC.AllocateArray<MessageBatchEntry>(BatchSize, pinned: true);
    private readonly IoVector[] _vectors = GC.AllocateArray<IoVector>(2 * BatchSize, pinned: true);

    protected override void Serve()
    {
        Prepare();
        Responder.IsTimedByBatch = true;
        var descriptor = (int)Socket.Handle;
        var requests = (MessageBatchEntry*)Marshal.UnsafeAddrOfPinnedArrayElement(_requests, 0);
        var responses = (MessageBatchEntry*)Marshal.UnsafeAddrOfPinnedArrayElement(_responses, 0);
        while (!IsStopping)
        {
            var count = UdpCalls.Receive(descriptor, requests, BatchSize, UdpCalls.WaitForOne, null);
            if (count <= 0)
            {
                if (count < 0 && Marshal.GetLastPInvokeError() != UdpCalls.Interrupted && !IsStopping)
                    throw new SocketException(Marshal.GetLastPInvokeError());
                continue;
            }

            var began = Responder.Clock;
            Send(descriptor, responses, Answer(requests, responses, count));
            Responder.EndBatch(began, count);
            // The kernel has written how long the addresses were; the next ones may be longer.
            for (var i = 0; i < count; i++)
                requests[i].AddressLength = AddressSize;
        }
    }

    // Points every entry to its own part of the memory.
    private void Prepare()
    {
        var memory = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0);
        var vectors = (IoVector*)Marshal.UnsafeAddrOfPinnedArrayElement(_vectors, 0);
        for (var i = 0; i < BatchSize; i++)
        {
            vectors[i] = new IoVector { Bytes = memory + (i * 2 * BufferSize), Length = RequestSize };
            vectors[BatchSize + i] = new IoVector { Bytes = vectors[i].Bytes + BufferSize };
            _requests[i].Address = memory + (BatchSize * 2 * BufferSize) + (i * AddressSize);
            _requests[i].AddressLength = AddressSize;
            _requests[i].Vectors = vectors + i;
            _requests[i].VectorCount = 1;
            _responses[i].VectorCount = 1;
        }
    }

    private int Answer(MessageBatchEntry* requests, MessageBatchEntry* responses, int count)
    {
        Foresee(requests, count);
        var answers = 0;
        for (var i = 0; i < count; i++)
        {
            ref var request = ref requests[i];
            var remote = request.Address;
            var address = Canonical(*(ushort*)remote == FamilyFour ? new ReadOnlySpan<byte>(remote + 4, 4) : new ReadOnlySpan<byte>(remote + 8, 16));
            if ((request.Flags & UdpCalls.Truncated) == 0 && IsPlausible(new ReadOnlySpan<byte>(remote + 2, 2), address))
            {
                var bytes = request.Vectors->Bytes;
                var length = Responder.Respond(new ReadOnlySpan<byte>(bytes, (int)request.Length), new Span<byte>(bytes + BufferSize, RequestSize), address, isStream: false);
                if (length > 0)
                {
                    ref var response = ref responses[answers++];
                    response.Address = remote;
                    response.AddressLength = request.AddressLength;
                    response.Vectors = request.Vectors + BatchSize;
                    response.Vectors->Length = length;
                }
                else if (Responder.Update is { } update)
                {
                    Begin(update, new ReadOnlySpan<byte>(remote, (int)request.AddressLength));
                }
                else if (Responder.Wanted.Key is not null)
                {
                    Forward(new ReadOnlySpan<byte>(bytes, (int)request.Length), new ReadOnlySpan<byte>(remote, (int)request.AddressLength), address);
                }
            }

            request.Flags = 0;
        }

        return answers;
    }

    // What the answers need of a large zone is on its way from memory while the first of them are made.
    private void Foresee(MessageBatchEntry* requests, int count)
    {
        if (count == 1 || !Responder.HasMuch)
            return;
        for (var i = 0; i < count; i++)
            Responder.Foresee(new ReadOnlySpan<byte>(requests[i].Vectors->Bytes, (int)requests[i].Length));
        Responder.ForeseeRecords();
    }

    private static void Send(int descriptor, MessageBatchEntry* responses, int count)
    {
        for (var sent = 0; sent < count;)
        {
            var done = UdpCalls.Send(descriptor, responses + sent, (uint)(count - sent), 0);
            // The first one could not be sent: it is lost, as any datagram may be, and the client asks again.
            if (done > 0)
                sent += done;
            else if (Marshal.GetLastPInvokeError() != UdpCalls.Interrupted)
                sent++;
        }
    }
}
