using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Securely.Dns.Tests.Forwarding;

/// <summary>An upstream of a test: what it answers to each question, over datagrams and streams, is up to a script.</summary>
internal sealed class ScriptedUpstream : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _datagrams;
    private readonly Socket _streams;
    private readonly Func<UpstreamQuestion, Task<IReadOnlyList<byte[]>>> _script;
    private readonly ConcurrentQueue<UpstreamQuestion> _questions = new();
    private readonly List<Task> _running = [];

    private ScriptedUpstream(Func<UpstreamQuestion, Task<IReadOnlyList<byte[]>>> script)
    {
        _script = script;
        (_datagrams, _streams) = Bind();
        _running.Add(ServeDatagramsAsync());
        _running.Add(AcceptAsync());
    }

    public IPEndPoint EndPoint => (IPEndPoint)_datagrams.LocalEndPoint!;

    /// <summary>What it was asked, in order; a datagram that was only repeated stands once.</summary>
    public IReadOnlyList<UpstreamQuestion> Questions => [.. _questions.DistinctBy(question => (Convert.ToHexString(question.Bytes), question.Port, question.IsStream))];

    public static ScriptedUpstream Start(Func<UpstreamQuestion, Task<IReadOnlyList<byte[]>>> script) => new(script);

    public static ScriptedUpstream Start(Func<UpstreamQuestion, IEnumerable<byte[]>> script) => new(question => Task.FromResult<IReadOnlyList<byte[]>>([.. script(question)]));

    /// <summary>Answers every question with the same records.</summary>
    public static ScriptedUpstream Answering(params string[] records) => Start(question => [question.Answer(records)]);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _datagrams.Dispose();
        _streams.Dispose();
        Task[] all;
        lock (_running)
            all = [.. _running];
        await Task.WhenAll(all);
        _stop.Dispose();
    }

    // One number for both; somebody else may have taken it for one of them.
    private static (Socket Datagrams, Socket Streams) Bind()
    {
        for (var tries = 0; ; tries++)
        {
            var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            var streams = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                datagrams.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                streams.Bind(datagrams.LocalEndPoint!);
                streams.Listen();
                return (datagrams, streams);
            }
            catch (SocketException) when (tries < 50)
            {
                datagrams.Dispose();
                streams.Dispose();
            }
        }
    }

    private async Task ServeDatagramsAsync()
    {
        var buffer = new byte[65535];
        try
        {
            while (true)
            {
                var received = await _datagrams.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                var question = new UpstreamQuestion(buffer.AsSpan(0, received.ReceivedBytes).ToArray(), false, ((IPEndPoint)received.RemoteEndPoint).Port);
                _questions.Enqueue(question);
                Track(AnswerAsync(question, received.RemoteEndPoint));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private async Task AnswerAsync(UpstreamQuestion question, EndPoint client)
    {
        try
        {
            foreach (var answer in await _script(question).WaitAsync(_stop.Token))
                await _datagrams.SendToAsync(answer, SocketFlags.None, client);
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test has ended, or nobody listens there any more.
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                Track(ServeStreamAsync(await _streams.AcceptAsync(_stop.Token)));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private async Task ServeStreamAsync(Socket client)
    {
        try
        {
            using (client)
            {
                await using var stream = new NetworkStream(client);
                var head = new byte[2];
                while (true)
                {
                    await stream.ReadExactlyAsync(head, _stop.Token);
                    var bytes = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
                    await stream.ReadExactlyAsync(bytes, _stop.Token);
                    var question = new UpstreamQuestion(bytes, true, ((IPEndPoint)client.RemoteEndPoint!).Port);
                    _questions.Enqueue(question);
                    foreach (var answer in await _script(question).WaitAsync(_stop.Token))
                        await stream.WriteAsync((byte[])[(byte)(answer.Length >> 8), (byte)answer.Length, .. answer], _stop.Token);
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The server has ended the stream, or the test has ended.
        }
    }

    private void Track(Task task)
    {
        lock (_running)
            _running.Add(task);
    }
}

/// <summary>A question as an upstream got it.</summary>
/// <param name="Bytes">The message.</param>
/// <param name="IsStream">Whether it came over a stream.</param>
/// <param name="Port">The port that it came from.</param>
internal sealed record UpstreamQuestion(byte[] Bytes, bool IsStream, int Port)
{
    public DnsMessage Message => DnsMessage.TryDecode(Bytes, out var message) ? message : throw new InvalidOperationException("The question is malformed.");

    public string Name => Message.Questions[0].Name.ToString();

    /// <summary>The answer with these records, <c>NAME TTL TYPE DATA</c>; <c>@</c> is the question's name.</summary>
    public byte[] Answer(params string[] records) => Reply(records).Encode();

    public DnsMessage Reply(params string[] records) => new()
    {
        Id = Message.Id,
        IsResponse = true,
        RecursionDesired = true,
        RecursionAvailable = true,
        Questions = Message.Questions,
        Answers = [.. records.Select(Record)],
        Edns = new Edns(),
    };

    public ResourceRecord Record(string text)
    {
        var parts = text.Split(' ', 4);
        Assert.True(ResourceRecord.TryParseType(parts[2], out var type));
        return ResourceRecord.Parse(parts[0] == "@" ? Message.Questions[0].Name : DomainName.Parse(parts[0]), type, uint.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture), parts[3]);
    }
}
