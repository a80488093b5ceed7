using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Securely.Dns.Tests.Transfer;

/// <summary>A primary that sends what a test tells it to: each question is answered with any number of messages, or with silence.</summary>
internal sealed class ScriptedPrimary : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<DnsMessage, IEnumerable<byte[]>?> _script;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <summary>Makes one.</summary>
    /// <param name="script">The messages for a question, after which the stream ends; null keeps it open in silence.</param>
    public ScriptedPrimary(Func<DnsMessage, IEnumerable<byte[]>?> script)
    {
        _script = script;
        _listener.Start();
        _running = RunAsync();
    }

    public ZonePeer Peer => new((IPEndPoint)_listener.LocalEndpoint);

    /// <summary>The types that were asked for.</summary>
    public List<RecordType> Asked { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await AnswerAsync(client.GetStream());
            }
        }
        catch (OperationCanceledException)
        {
            // The test ends.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        try
        {
            var head = new byte[2];
            await stream.ReadExactlyAsync(head, _stop.Token);
            var bytes = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
            await stream.ReadExactlyAsync(bytes, _stop.Token);
            Assert.True(DnsMessage.TryDecode(bytes, out var question));
            Asked.Add(question.Questions[0].Type);
            if (_script(question) is not { } messages)
            {
                // Until the other side has had enough.
                await stream.ReadAtLeastAsync(head, 1, throwOnEndOfStream: false, _stop.Token);
                return;
            }

            foreach (var message in messages)
            {
                BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)message.Length);
                await stream.WriteAsync(head, _stop.Token);
                await stream.WriteAsync(message, _stop.Token);
            }
        }
        catch (IOException)
        {
            // The other side has had enough.
        }
    }
}
