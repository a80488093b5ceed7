using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Securely.Testing;

namespace Securely.Cli.Tests.Settings;

/// <summary>Several command lines in one directory, one after the other, and everything that they said.</summary>
internal sealed partial class Session(string directory)
{
    private readonly StringBuilder _transcript = new();

    /// <summary>What somebody types, or pipes in.</summary>
    public string Input { get; set; } = "";

    /// <summary>Whether there is a terminal.</summary>
    public bool IsInteractive { get; set; }

    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);

    /// <summary>Payloads, keys and moments are others each time.</summary>
    public string Transcript => Moment().Replace(Payload().Replace(Key().Replace(_transcript.ToString(), "base64:KEY"), "enc:PAYLOAD"), "2026-01-01 00:00:00");

    public async Task<CliRun> RunAsync(params string[] arguments)
    {
        var standard = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var error = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var input = new StringReader(Input);
        var environment = CliRun.Environment(directory, Variables) with
        {
            Input = input,
            User = "somebody",
            IsInteractive = IsInteractive,
            ReadHidden = () => input.ReadLine() ?? "",
            Variables = () => Variables,
            Time = new ManualTimeProvider(),
        };
        var code = await new SecurelyApplication(new Output(standard, error), environment).RunAsync(arguments, TestContext.Current.CancellationToken);
        var run = new CliRun(code, standard.ToString(), error.ToString());
        Add("$ securely " + string.Join(' ', arguments.Select(argument => argument.Contains(' ', StringComparison.Ordinal) ? $"\"{argument}\"" : argument)) + "\n");
        Add(run.Output);
        if (run.Error.Length > 0)
            Add("--- standard error\n" + run.Error + (run.Error.EndsWith('\n') ? "" : "\n"));
        if (code != ExitCode.Ok)
            Add($"--- exit code {code}\n");
        Input = "";
        return run;
    }

    /// <summary>Adds what a file holds.</summary>
    public void Show(string file) => Add($"$ cat {file}\n{File.ReadAllText(Path.Combine(directory, file))}");

    private void Add(string text) => _transcript.Append(text.Replace(directory + Path.DirectorySeparatorChar, "", StringComparison.Ordinal));

    [GeneratedRegex("base64:[A-Za-z0-9+/]{43}=")]
    private static partial Regex Key();

    [GeneratedRegex("enc:ey[A-Za-z0-9+/=]+")]
    private static partial Regex Payload();

    [GeneratedRegex("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")]
    private static partial Regex Moment();
}
