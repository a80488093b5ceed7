using System.CommandLine;
using System.Diagnostics;
using Securely.Settings;

namespace Securely.Cli;

/// <summary><c>settings:edit</c>: the file in an editor, secrets in plain text for as long as it is open.</summary>
internal sealed class SettingsEditCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly SettingsCall _call = new(output, environment);

    public Command Build()
    {
        var command = new DocumentedCommand("settings:edit", "Edit the settings in your editor")
        {
            Details =
            [
                "The editor is VISUAL, else EDITOR, else vi. It gets a copy that only you can read, with secrets in plain text; when it ends they are encrypted again, the copy is "
                + "removed, and the file is replaced as a whole. When what you wrote is no dotenv file, or somebody changed the file meanwhile, it stays as it was.",
                SettingsCall.Details,
            ],
            Examples = [new("securely settings:edit", "Edit .env"), new("securely settings:edit --env production", "Edit .env.production")],
        };
        SettingsCall.Declare(command);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var target = await _call.OpenAsync(line, cancellationToken);
        var before = target.Manager.Read();
        var secrets = before.Settings.Where(setting => setting.IsEncrypted).ToDictionary(setting => setting.Name, target.Manager.Reveal, StringComparer.Ordinal);
        var plain = secrets.Aggregate(before, (file, secret) => file.Set(secret.Key, secret.Value));
        var edited = await EditAsync(plain.Text, cancellationToken);
        if (edited == plain.Text)
        {
            output.WriteLine($"{target.Manager.Options.Path}: nothing was changed");
            return ExitCode.Ok;
        }

        var after = SettingsFile.Parse(edited, target.Manager.Options.Path);
        foreach (var (name, value) in secrets)
        {
            // What was secret stays so. Without a change the old payload stays too, and with it the line.
            if (after.Find(name) is { } setting && !setting.IsEncrypted)
                after = after.Set(name, setting.Stored == value ? before.Find(name)!.Stored : target.Manager.Options.Secrets!.Protect(setting.Stored));
        }

        var changes = await target.Manager.ReplaceAsync(before.Text, after.Text, cancellationToken);
        SettingsOutput.WriteChanges(output, target, changes, "only comments or layout were changed");
        return await _call.FinishAsync(line, target, changes, cancellationToken);
    }

    private async Task<string> EditAsync(string text, CancellationToken cancellationToken)
    {
        // The directory is made for its owner only, so that no other user sees even the name of what is in it.
        var directory = Directory.CreateTempSubdirectory("securely-edit-");
        try
        {
            var path = Path.Combine(directory.FullName, "settings.env");
            await File.WriteAllTextAsync(path, text, cancellationToken);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            await RunEditorAsync(path, cancellationToken);
            return SettingsFormats.Read(path);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private async Task RunEditorAsync(string path, CancellationToken cancellationToken)
    {
        var editor = new[] { environment.Variable("VISUAL"), environment.Variable("EDITOR"), "vi" }.First(name => !string.IsNullOrWhiteSpace(name))!;
        // An editor may have arguments of its own, as in `code --wait`, so it is the shell that reads it.
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("cmd.exe", ["/c", $"{editor} \"{path}\""])
            : new ProcessStartInfo("/bin/sh", ["-c", editor + " \"$1\"", "sh", path]);
        using var process = Process.Start(start) ?? throw new CliException($"The editor [{editor}] cannot be started; set EDITOR to another");
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new CliException(string.Create(null, $"The editor [{editor}] ended with {process.ExitCode}; nothing was changed"));
    }
}
