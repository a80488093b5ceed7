using System.Text;
using System.Text.Json;
using Securely.Testing;

namespace Securely.Components.Tests.Oracle;

/// <summary>The Laravel that Debian packages, asked on the spot. It is version 8; the recorded cases, which are the rule, are of version 13.</summary>
internal static class LaravelOracle
{
    // A machine that is paused or loaded is no reason to fail.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Asks many questions with one start of the interpreter.</summary>
    /// <param name="kind">The function of the script that answers.</param>
    /// <param name="count">How many questions there are, for the check that each was answered.</param>
    /// <param name="write">Writes the questions, inside of a list.</param>
    public static async Task<JsonDocument> AskAsync(string kind, int count, Action<Utf8JsonWriter> write)
    {
        using var questions = new MemoryStream();
        using (var writer = new Utf8JsonWriter(questions))
        {
            writer.WriteStartArray();
            write(writer);
            writer.WriteEndArray();
        }

        var php = new CliRunner { Binary = ExternalProgram.Find("php", "php-cli"), Input = Encoding.UTF8.GetString(questions.ToArray()), Limit = Patience };
        var run = await php.RunAsync(Path.Combine(RepositoryRoot.Data, "oracle", "laravel.php"), kind);
        Assert.True(run.ExitCode == 0, $"The script ended with {run.ExitCode}: {run.Error}{run.Output}");
        var answers = JsonDocument.Parse(run.Output);
        Assert.Equal(count, answers.RootElement.GetArrayLength());
        return answers;
    }
}
