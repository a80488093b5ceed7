using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Securely.Net;

namespace Securely.Cli;

/// <summary>The server's side of <c>log:reopen</c>: opens each log file anew, and answers with the paths.</summary>
/// <param name="files">Each opens one anew and gives its path.</param>
internal sealed class LogReopenControlCommand(params IReadOnlyList<Func<Task<string?>>> files) : IControlCommand
{
    public const string CommandName = "log:reopen";

    public string Name => CommandName;

    public async IAsyncEnumerable<JsonElement> RunAsync(JsonElement request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var file in files)
        {
            if (await ReopenAsync(file).WaitAsync(cancellationToken) is { } path)
                yield return JsonSerializer.SerializeToElement(path, PathJson.Default.String);
        }
    }

    private static async Task<string?> ReopenAsync(Func<Task<string?>> file)
    {
        try
        {
            return await file();
        }
        catch (CliException error)
        {
            throw new ControlCommandException(error.Message, "not_reopened");
        }
    }
}

/// <summary>Writes a path without reflection.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class PathJson : JsonSerializerContext;
