using System.Runtime.CompilerServices;
using System.Text.Json;
using Securely.Net;

namespace Securely.Cli;

/// <summary>The server's side of <c>status</c>: one answer, the figures of this moment.</summary>
internal sealed class StatusControlCommand(IStatusSource source) : IControlCommand
{
    public const string CommandName = "status";

    public string Name => CommandName;

    public async IAsyncEnumerable<JsonElement> RunAsync(JsonElement request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield return JsonSerializer.SerializeToElement(source.Read(), StatusJson.Default.StatusReport);
    }
}
