using Securely.Config;
using Securely.Encrypt;
using Securely.Testing;

namespace Securely.Cli.Tests.Settings;

/// <summary>The commands that change something, as somebody would use them for the first time.</summary>
public sealed class SessionTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_first_day_with_settings()
    {
        var session = new Session(_directory.Path);
        await session.RunAsync("settings:all");
        await session.RunAsync("settings:set", "APP_NAME", "My Shop");
        session.Input = "hunter2\n";
        await session.RunAsync("settings:set", "DB_PASSWORD", "--secret");
        await session.RunAsync("key:generate");
        session.Input = "hunter2\n";
        await session.RunAsync("settings:set", "DB_PASSWORD", "--secret");
        session.IsInteractive = true;
        session.Input = "TLS_TOKEN\nsecret at the terminal\n";
        await session.RunAsync("settings:set", "--secret");
        session.Show(".env");
        await session.RunAsync("settings:tree");
        session.Input = "n\n";
        await session.RunAsync("settings:tree", "--reveal");
        session.Input = "y\n";
        await session.RunAsync("settings:tree", "--reveal");
        await session.RunAsync("settings:set", "APP_NAME", "Store");
        await session.RunAsync("settings:forget", "APP_NAME");
        await session.RunAsync("settings:rollback");
        await session.RunAsync("settings:history");
        session.Input = "yes\n";
        await session.RunAsync("settings:rotate");
        await session.RunAsync("settings:get", "DB_PASSWORD");
        await session.RunAsync("settings:set", "APP_NAME", "Site", "--scope", "site:app.test");
        await session.RunAsync("settings:get", "APP_NAME", "--scope", "site:app.test");
        await session.RunAsync("settings:get", "APP_NAME");
        Golden.Matches("cli/sessions/settings.txt", session.Transcript);
    }

    [Fact]
    public async Task Import_edit_and_another_key()
    {
        var session = new Session(_directory.Path);
        _directory.Write("in.json", "{\"APP_NAME\": \"Shop\", \"db\": {\"host\": \"localhost\"}}");
        _directory.Write("list.yaml", "A: [1]\n");
        await session.RunAsync("key:generate");
        await session.RunAsync("settings:import", "in.json");
        await session.RunAsync("settings:import", "in.json");
        await session.RunAsync("settings:import", "list.yaml");
        session.Input = "S: s3cret\n";
        await session.RunAsync("settings:import", "-", "--format", "yaml", "--secret");
        session.Variables["EDITOR"] = "sed -i -e s/Shop/Store/ -e s/s3cret/n3w/";
        await session.RunAsync("settings:edit");
        await session.RunAsync("settings:get", "S");
        session.Variables["EDITOR"] = "true";
        await session.RunAsync("settings:edit");
        session.Variables["EDITOR"] = "sed -i -e 1iA=\\\"open";
        await session.RunAsync("settings:edit");
        session.Variables["EDITOR"] = "false";
        await session.RunAsync("settings:edit");
        session.Show(".env");
        session.Variables["APP_KEY"] = "base64:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
        await session.RunAsync("settings:get", "S");
        session.Variables["APP_KEY"] = "base64:short";
        await session.RunAsync("settings:get", "S");
        await session.RunAsync("settings:get", "APP_NAME");
        Golden.Matches("cli/sessions/settings-exchange.txt", session.Transcript);
    }

    [Fact]
    public async Task A_first_day_with_the_configuration()
    {
        var session = new Session(_directory.Path);
        _directory.Write("securely.yaml", "# the server\nthreads: 2   # two\nupstreams:\n  app:\n    servers: [127.0.0.1:3000]\n");
        Directory.CreateDirectory(_directory.File("config"));
        _directory.Write("config/mail.yaml", "from: a@b.test\npassword: geheim # secret\n");
        await session.RunAsync("key:generate");
        await session.RunAsync("config:set", "threads", "4");
        await session.RunAsync("config:set", "upstreams.app.retries", "2");
        await session.RunAsync("config:set", "mail.from", "Shop <a@b.test>");
        await session.RunAsync("config:set", "APP_NAME", "Shop");
        await session.RunAsync("config:set", "upstreams.app.servers", "x");
        await session.RunAsync("config:encrypt", "mail.password");
        await session.RunAsync("config:get", "mail.password");
        await session.RunAsync("config:decrypt", "mail.password");
        session.Input = "typed";
        await session.RunAsync("config:encrypt");
        session.Variables["THREADS__X"] = "1";
        session.Variables["UPSTREAMS__APP__RETRIES"] = "9";
        await session.RunAsync("config:get", "upstreams.app.retries", "--source");
        session.Variables.Clear();
        await session.RunAsync("config:show", "--source");
        await session.RunAsync("config:check");
        session.Show("securely.yaml");
        session.Show("config/mail.yaml");
        await session.RunAsync("config:decrypt", "mail.password", "--write");
        session.Show("config/mail.yaml");
        Golden.Matches("cli/sessions/config.txt", session.Transcript);
    }

    [Fact]
    public async Task A_key_is_replaced_everywhere()
    {
        var session = new Session(_directory.Path);
        var first = await EncryptSomethingEverywhereAsync(session);
        await session.RunAsync("key:rotate", "missing.enc");
        session.IsInteractive = true;
        session.Input = "n\n";
        await session.RunAsync("key:rotate");
        session.Input = "y\n";
        await session.RunAsync("key:rotate", "backup.enc", "payload.txt");
        await session.RunAsync("key:rotate", "note.txt", "--keep-key", "--yes");
        session.Show("securely.yaml");

        // Nothing needs the old key any more: without it all is readable.
        await session.RunAsync("settings:forget", "APP_PREVIOUS_KEYS");
        await session.RunAsync("settings:get", "DB_PASSWORD");
        await session.RunAsync("settings:get", "DB_PASSWORD", "--scope", "server");
        await session.RunAsync("config:decrypt", "mail.password");
        await session.RunAsync("settings:rollback", "--env", "testing");
        var second = Key();
        await new FileEncrypter(KeyRing.Parse(second)).DecryptFileAsync(_directory.File("backup.enc"), _directory.File("restored"), TestContext.Current.CancellationToken);
        session.Show("restored");

        session.Variables["APP_KEY"] = second;
        await session.RunAsync("key:rotate", "--yes");
        Assert.NotEqual(first, second);
        Assert.Equal("one payload", new Encrypter(KeyRing.Parse(second)).DecryptString((await File.ReadAllTextAsync(_directory.File("payload.txt"), TestContext.Current.CancellationToken)).Trim()));
        Golden.Matches("cli/sessions/key-rotate.txt", session.Transcript);
    }

    [Fact]
    public async Task Rules_of_validation_keep_what_is_wrong_out()
    {
        var session = new Session(_directory.Path);
        _directory.Write("securely.yaml", "settings:\n  rules:\n    APP_URL: required|url\n    APP_PORT: [integer, \"between:1,65535\"]\n    APP_DEBUG: {type: boolean}\n");
        await session.RunAsync("settings:set", "APP_PORT", "80");
        await session.RunAsync("settings:set", "APP_URL", "https://shop.example.test");
        await session.RunAsync("settings:set", "APP_PORT", "70000");
        await session.RunAsync("settings:set", "APP_DEBUG", "maybe");
        await session.RunAsync("settings:forget", "APP_URL");
        session.Show(".env");
        _directory.Write("securely.yaml", "settings: {rules: {APP_URL: requird}}\n");
        await session.RunAsync("settings:all");
        Golden.Matches("cli/sessions/settings-rules.txt", session.Transcript);
    }

    [Fact]
    public async Task Hooks_run_after_a_change_and_tell_a_running_server()
    {
        _directory.Write("securely.yaml", """
            data_dir: data
            listeners: [{address: 127.0.0.1:0}]
            sites: [{hosts: ["*"], routes: [{respond: {body: hello}}]}]
            settings: {hooks: [{on: [APP_*], reload: true}, {on: [APP_*], run: "echo $SETTINGS_CHANGED > changed.txt"}, {on: [DB_*], run: "exit 7"}]}
            """);
        await using var program = await RunningProgram.StartAsync(_directory.Path, "serve");

        var set = await CliRun.RunAsync(["settings:set", "APP_NAME", "Shop"], _directory.Path);
        var failing = await CliRun.RunAsync(["settings:set", "DB_HOST", "x"], _directory.Path);
        await program.StopAsync();

        Assert.Equal((ExitCode.Ok, "Hook: message to the server done\nHook: command [echo $SETTINGS_CHANGED > changed.txt] done\n"), (set.ExitCode, set.Error));
        Assert.Equal("APP_NAME\n", await File.ReadAllTextAsync(_directory.File("changed.txt"), TestContext.Current.CancellationToken));
        Assert.Equal((ExitCode.Failed, "Hook: command [exit 7] failed: it ended with 7; the setting is changed\n"), (failing.ExitCode, failing.Error));
        Assert.Contains($"in [{_directory.File(".env")}]: APP_NAME", program.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_without_permission_changes_anything()
    {
        // Root may do everything, and Windows has no such modes.
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
            return;
        _directory.Write(".env", "A=1\n");
        File.SetUnixFileMode(_directory.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var run = await CliRun.RunAsync(["settings:set", "A", "2"], _directory.Path);
        File.SetUnixFileMode(_directory.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("cannot be made", run.Error, StringComparison.Ordinal);
    }

    /// <summary>Settings of two scopes and an environment, a value of the configuration, an encrypted file and a payload, all with one key.</summary>
    /// <returns>The key.</returns>
    private async Task<string> EncryptSomethingEverywhereAsync(Session session)
    {
        _directory.Write("securely.yaml", "threads: 2\nmail: {password: plain}   # kept\n");
        _directory.Write("note.txt", "no encrypted file\n");
        await session.RunAsync("key:rotate");
        await session.RunAsync("key:generate");
        await session.RunAsync("config:encrypt", "mail.password");
        session.Input = "hunter2\n";
        await session.RunAsync("settings:set", "DB_PASSWORD", "--secret");
        session.Input = "of the server\n";
        await session.RunAsync("settings:set", "DB_PASSWORD", "--secret", "--scope", "server");
        await session.RunAsync("settings:set", "PLAIN", "one", "--env", "testing");
        await session.RunAsync("settings:set", "PLAIN", "two", "--env", "testing");
        var first = Key();
        var keys = KeyRing.Parse(first);
        await new FileEncrypter(keys).EncryptFileAsync(_directory.Write("backup", "a backup"), _directory.File("backup.enc"), TestContext.Current.CancellationToken);
        _directory.Write("payload.txt", new Encrypter(keys).EncryptString("one payload") + "\n");
        return first;
    }

    private string Key() => DotEnvReader.ReadFile(_directory.File(".env"), new ConfigDiagnostics())!.First(entry => entry.Name == "APP_KEY").Value!;
}
