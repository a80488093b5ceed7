using System.Net;
using Securely.Testing;

namespace Securely.Cli.Tests.Tracing;

/// <summary>A receiver of traces in memory: the n-th request gets the n-th answer, later ones the last. Signals <c>request</c>.</summary>
internal sealed class ScriptedReceiver(params Func<CancellationToken, Task<HttpResponseMessage>>[] answers) : HttpMessageHandler
{
    private readonly List<(HttpRequestMessage Message, byte[] Body)> _requests = [];

    public PhaseBarrier Phases { get; } = new();

    public IReadOnlyList<(HttpRequestMessage Message, byte[] Body)> Requests => _requests;

    public static Func<CancellationToken, Task<HttpResponseMessage>> Ok { get; } = _ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([]) });

    public static Func<CancellationToken, Task<HttpResponseMessage>> Down { get; } = _ =>
        Task.FromException<HttpResponseMessage>(new HttpRequestException("outer", new IOException("Connection refused")));

    public static Func<CancellationToken, Task<HttpResponseMessage>> Stalled { get; } = async cancellationToken =>
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        throw new InvalidOperationException("Nobody waits that long");
    };

    public static Func<CancellationToken, Task<HttpResponseMessage>> Status(int status, string? retryAfter = null) => _ =>
    {
        var answer = new HttpResponseMessage((HttpStatusCode)status);
        if (retryAfter is not null)
            answer.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        return Task.FromResult(answer);
    };

    public static Func<CancellationToken, Task<HttpResponseMessage>> Message(params byte[] body) =>
        _ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(body) });

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        _requests.Add((request, await request.Content!.ReadAsByteArrayAsync(cancellationToken)));
        var answer = answers[Math.Min(_requests.Count, answers.Length) - 1](cancellationToken);
        Phases.Signal("request");
        return await answer;
    }
}
