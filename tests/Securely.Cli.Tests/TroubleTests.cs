using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Securely.Testing;

namespace Securely.Cli.Tests;

/// <summary>
/// Every command of the components where it cannot do its work: what it says is in tests/data/cli/trouble, a file for each trouble. Where permissions and disks matter the built
/// program runs, as somebody who is not root.
/// </summary>
public sealed partial class TroubleTests : IDisposable
{
    // Nobody: what root owns and others may not read is not theirs.
    private const string User = "65534";

    private static readonly string[] Commands =
    [
        "config:check", "config:decrypt mail.password", "config:encrypt mail.password", "config:get threads", "config:has threads", "config:set threads 4", "config:show",
        "key:generate", "key:rotate --yes",
        "settings:all", "settings:edit", "settings:export", "settings:forget A", "settings:get A", "settings:has A", "settings:history", "settings:import in.json", "settings:rollback",
        "settings:rotate --yes", "settings:set A 2", "settings:tree",
        "validation:check form.json rules.yaml",
        "events:dispatch order.paid", "events:list", "events:listen",
        "log:channels", "log:level", "log:reopen", "log:tail",
    ];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose()
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_directory.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _directory.Dispose();
    }

    [Fact]
    public Task Files_that_this_user_may_not_read() => PlayAsync("unreadable", () => Modes(directory: "755", files: Environment.IsPrivilegedProcess ? "600" : "000"));

    [Fact]
    public Task A_directory_that_this_user_may_not_write_to() => PlayAsync("read-only", () => Modes(directory: "555", files: "644"));

    [Fact]
    public Task A_dotenv_file_that_is_a_directory() => PlayHereAsync("directory", () =>
    {
        File.Delete(_directory.File(".env"));
        Directory.CreateDirectory(_directory.File(".env"));
    });

    [Fact]
    public Task No_file_at_all() => PlayHereAsync("missing", () =>
    {
        foreach (var file in Directory.EnumerateFiles(_directory.Path, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith("securely.yaml", StringComparison.Ordinal)))
            File.Delete(file);
    });

    [Fact]
    public Task Options_and_arguments_that_no_command_has() => PlayHereAsync("wrong-arguments", () => { }, [.. Commands.SelectMany(line => (string[])[line.Split(' ')[0] + " --nope", line + " one two three four"])]);

    [Fact]
    public Task A_key_that_is_another_one() => PlayHereAsync("wrong-key", () =>
    {
        _directory.Write("config/mail.yaml", "password: " + Encrypted + "\n");
        _directory.Write(".env", "A=" + Encrypted + "\nAPP_KEY=base64:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n");
    });

    [Fact]
    public Task A_key_that_is_none() => PlayHereAsync("no-key", () =>
    {
        _directory.Write("config/mail.yaml", "password: " + Encrypted + "\n");
        _directory.Write(".env", "A=" + Encrypted + "\nAPP_KEY=base64:short\n");
    });

    [Fact]
    public Task Standard_output_on_a_full_disk() => PlayAsync(
        "full-output", () => Modes(directory: "777", files: "666"), "exec \"$@\" > /dev/full", ["config:check", "config:get threads", "settings:export", "settings:set A 2", "settings:get A", "settings:all --json", "events:list --help", "log:channels", "validation:check form.json rules.yaml"]);

    [Fact]
    public Task A_disk_without_room_for_the_file() => PlayAsync("full-disk", () =>
    {
        // Larger than the shell lets any file become, so that writing it anew fails as on a full disk.
        File.AppendAllText(_directory.File(".env"), "FILLER=" + new string('x', 300_000) + "\n");
        File.AppendAllText(_directory.File("securely.yaml"), "# " + new string('x', 300_000) + "\n");
        Modes(directory: "777", files: "666");
    }, "trap '' XFSZ; ulimit -f 200; exec \"$@\"", ["config:set threads 4", "config:encrypt APP_NAME", "key:rotate --yes", "settings:forget A", "settings:set A 2", "settings:import in.json", "settings:rotate --yes"]);

    // Made with a key that nobody has.
    private static string Encrypted { get; } = "enc:" + new Securely.Encrypt.Encrypter(Encoding.ASCII.GetBytes("abcdefghijklmnopqrstuvwxyz012345"), Securely.Encrypt.Cipher.Aes256Cbc).EncryptString("secret");

    private Task PlayAsync(string trouble, Action make, string shell = "exec \"$@\"", IReadOnlyList<string>? commands = null) =>
        PlayAsync(trouble, make, commands ?? Commands, arguments => RunAsync(shell, arguments));

    /// <summary>Inside of this process, where it is nobody's permission that matters.</summary>
    private Task PlayHereAsync(string trouble, Action make, IReadOnlyList<string>? commands = null) => PlayAsync(trouble, make, commands ?? Commands, async arguments =>
    {
        var run = await CliRun.RunAsync(arguments, _directory.Path, variables: new Dictionary<string, string>(StringComparer.Ordinal) { ["EDITOR"] = "true" });
        return (run.ExitCode, run.Output, run.Error);
    });

    private async Task PlayAsync(string trouble, Action make, IReadOnlyList<string> commands, Func<string[], Task<(int Code, string Output, string Error)>> run)
    {
        _directory.Write("securely.yaml", "threads: 2\ncontrol_socket: control.sock\n");
        Directory.CreateDirectory(_directory.File("config"));
        _directory.Write("config/mail.yaml", "password: geheim\n");
        _directory.Write(".env", "A=1\nAPP_NAME=Shop\nAPP_KEY=base64:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n");
        _directory.Write("in.json", "{\"A\": \"3\"}");
        _directory.Write("form.json", "{\"name\": \"x\"}");
        _directory.Write("rules.yaml", "name: required\n");
        make();
        var session = new StringBuilder();
        foreach (var line in commands)
        {
            var (code, output, error) = await run(line.Split(' '));
            Add(session, line, code, output, error);
            // Nothing that a user can do shows where in the program it was noticed.
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        }

        var text = session.ToString().Replace(_directory.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        text = Payload().Replace(Key().Replace(text, "base64:KEY"), "enc:PAYLOAD");
        Golden.Matches($"cli/trouble/{trouble}.txt", Moment().Replace(text, "2026-01-01 00:00:00  somebody"));
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string shell, string[] arguments)
    {
        string[] asSomebody = Environment.IsPrivilegedProcess ? [ExternalProgram.Find("setpriv", "util-linux"), $"--reuid={User}", $"--regid={User}", "--clear-groups"] : [];
        string[] all = [.. asSomebody, "bash", "-c", shell, "bash", CliRunner.FindBinary(), .. arguments];
        using var process = Process.Start(new ProcessStartInfo(all[0], all[1..])
        {
            WorkingDirectory = _directory.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["EDITOR"] = "true", ["HOME"] = _directory.Path, ["XDG_DATA_HOME"] = null, ["APP_KEY"] = null, ["LANG"] = "C", ["DOTNET_EnableWriteXorExecute"] = "0" },
        })!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    private void Modes(string directory, string files)
    {
        if (OperatingSystem.IsWindows())
            return;
        foreach (var path in Directory.EnumerateFileSystemEntries(_directory.Path, "*", SearchOption.AllDirectories).Append(_directory.Path))
            File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(Directory.Exists(path) ? directory : files, 8));
    }

    private static void Add(StringBuilder session, string line, int code, string output, string error)
    {
        session.Append(CultureInfo.InvariantCulture, $"$ securely {line}\n{output}");
        if (error.Length > 0)
            session.Append("--- standard error\n").Append(error);
        if (code != ExitCode.Ok)
            session.Append(CultureInfo.InvariantCulture, $"--- exit code {code}\n");
    }

    [GeneratedRegex("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}  [a-z]+")]
    private static partial Regex Moment();

    [GeneratedRegex("base64:[A-Za-z0-9+/]{43}=")]
    private static partial Regex Key();

    [GeneratedRegex("enc:ey[A-Za-z0-9+/=]+")]
    private static partial Regex Payload();
}
