namespace Securely.Cli.Tests;

/// <summary>One run of the program inside this process, and everything it said.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    /// <summary>Runs a command line as if it had been typed in <paramref name="directory"/>, which is also their home, by somebody who is not root.</summary>
    public static async Task<CliRun> RunAsync(
        IReadOnlyList<string> arguments, string? directory = null, Paint paint = default, IReadOnlyDictionary<string, string>? variables = null)
    {
        var standard = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var output = new Output(standard, error) { Paint = paint, ErrorPaint = paint };
        var code = await new SecurelyApplication(output, Environment(directory, variables)).RunAsync(arguments, TestContext.Current.CancellationToken);
        return new CliRun(code, standard.ToString(), error.ToString());
    }

    public static Task<CliRun> RunAsync(params string[] arguments) => RunAsync(arguments, directory: null);

    public static CliEnvironment Environment(string? directory = null, IReadOnlyDictionary<string, string>? variables = null) => new()
    {
        CurrentDirectory = directory ?? CliPaths.Root,
        IsRoot = false,
        Variable = name => variables?.GetValueOrDefault(name) ?? (name == "HOME" ? directory ?? "/home/somebody" : null),
        SystemConfigurationFile = Path.Combine(CliPaths.Root, "no", "securely.yaml"),
        SystemDataDirectory = Path.Combine(CliPaths.Root, "no"),
    };
}
