using System.Runtime.CompilerServices;
using System.Text.Json;
using Securely.Net;

namespace Securely.Network.Tests.Net;

/// <summary>A command that does what the test says.</summary>
internal sealed class FakeCommand(string name, Func<JsonElement, CancellationToken, IAsyncEnumerable<string>> answers) : IControlCommand
{
    public string Name { get; } = name;

    /// <summary>Answers with these JSON texts.</summary>
    internal static FakeCommand Of(string name, params string[] answers) => new(name, (_, _) => answers.ToAsyncEnumerable());

    /// <summary>Answers with its own request.</summary>
    internal static FakeCommand Echo() => new("echo", (request, _) => new[] { request.GetRawText() }.ToAsyncEnumerable());

    /// <summary>Never answers; says when it is asked and when it is left.</summary>
    internal static FakeCommand Waiting(TaskCompletionSource asked, TaskCompletionSource left) => new("wait", (_, token) => WaitAsync(asked, left, token));

    public async IAsyncEnumerable<JsonElement> RunAsync(JsonElement request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var answer in answers(request, cancellationToken))
        {
            using var document = JsonDocument.Parse(answer);
            yield return document.RootElement;
        }
    }

    private static async IAsyncEnumerable<string> WaitAsync(TaskCompletionSource asked, TaskCompletionSource left, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        asked.TrySetResult();
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        finally
        {
            left.TrySetResult();
        }

        yield break;
    }
}
