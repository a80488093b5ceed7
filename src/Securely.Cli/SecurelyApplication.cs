using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Securely.Config;
using Securely.Net;
using Securely.Settings;

namespace Securely.Cli;

/// <summary>The program: its commands, and what happens to a command line from words to exit code.</summary>
internal sealed class SecurelyApplication(Output output, CliEnvironment environment)
{
    private readonly IReadOnlyList<ICliCommand> _commands =
    [
        new CheckCommand(output, environment),
        new CompletionCommand(output),
        new ConfigCheckCommand(output, environment),
        new ConfigDecryptCommand(output, environment),
        new ConfigEncryptCommand(output, environment),
        new ConfigGetCommand(output, environment),
        new ConfigHasCommand(output, environment),
        new ConfigSetCommand(output, environment),
        new ConfigShowCommand(output, environment),
        new DnsCheckCommand(output, environment),
        new DnsDoctorCommand(output, environment),
        new DnsExportCommand(output, environment),
        new DnsFlushCommand(output, environment),
        new DnsInstallCommand(output, environment),
        new DnsQueryCommand(output, environment),
        new DnsRecordsCommand(output, environment),
        new DnsServeCommand(output, environment),
        new DnsUninstallCommand(output, environment),
        new DnsZonesCommand(output, environment),
        new EventsDispatchCommand(output, environment),
        new EventsListCommand(output, environment),
        new EventsListenCommand(output, environment),
        new HelpCommand(output),
        new KeyGenerateCommand(output, environment),
        new KeyRotateCommand(output, environment),
        new ListCommand(output),
        new LogChannelsCommand(output, environment),
        new LogLevelCommand(output, environment),
        new LogReopenCommand(output, environment),
        new LogTailCommand(output, environment),
        new ProxyCommand(output, environment),
        new ServeCommand(output, environment),
        new SettingsAllCommand(output, environment),
        new SettingsEditCommand(output, environment),
        new SettingsExportCommand(output, environment),
        new SettingsForgetCommand(output, environment),
        new SettingsGetCommand(output, environment),
        new SettingsHasCommand(output, environment),
        new SettingsHistoryCommand(output, environment),
        new SettingsImportCommand(output, environment),
        new SettingsRollbackCommand(output, environment),
        new SettingsRotateCommand(output, environment),
        new SettingsSetCommand(output, environment),
        new SettingsTreeCommand(output, environment),
        new StatusCommand(output, environment),
        new StopCommand(output, environment),
        new ValidationCheckCommand(output, environment),
    ];

    /// <summary>Runs the command line of this process.</summary>
    public static async Task<int> RunProcessAsync(IReadOnlyList<string> arguments)
    {
        CliEnvironment environment;
        Output output;
        try
        {
            environment = CliEnvironment.OfProcess();
            output = Output.OfProcess(environment.Variable);
        }
        catch (IOException)
        {
            await System.Console.Error.WriteLineAsync("The working directory does not exist any more; change to another one");
            return ExitCode.Failed;
        }
        catch (UnauthorizedAccessException)
        {
            await System.Console.Error.WriteLineAsync("Standard output cannot be written: it is closed");
            return ExitCode.Failed;
        }

        return await new SecurelyApplication(output, environment).RunAsync(arguments);
    }

    /// <summary>Runs one command line and returns the exit code; never throws for what a user can do wrong.</summary>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken = default)
    {
        var result = BuildRoot().Parse(arguments, CommandLine.Parsing);
        if ((result.Errors.Count > 0 && result.Action is ParseErrorAction) || UsageErrors.HasUnknownCommand(result)
            || (result.Action is not (ShowHelpAction or SuggestAction) && UsageErrors.HasOptionForArgument(result)))
            return UsageErrors.Write(output, result);
        try
        {
            return await result.InvokeAsync(CommandLine.Invocation(output), cancellationToken);
        }
        catch (ConfigException failure)
        {
            ConfigurationFile.Write(failure.Diagnostics, output);
            return ExitCode.Configuration;
        }
        catch (ControlException failure)
        {
            output.Fail(failure.Message);
            return ExitCode.Failed;
        }
        catch (SettingsException failure)
        {
            output.Fail(failure.Message);
            return ExitCode.Failed;
        }
        catch (CliException failure)
        {
            output.Fail(failure.Message);
            if (failure.ExitCode == ExitCode.Usage)
                UsageErrors.Hint(output, result.CommandResult.Command);
            return failure.ExitCode;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // What nobody has thought of is one line too, and says enough to be found by.
            var reason = FailureText.Of(failure).ReplaceLineEndings(" ");
            output.Fail($"The command failed: {reason} ({failure.GetType().Name})");
            return ExitCode.Failed;
        }
    }

    /// <summary>Declares all commands; creates nothing that a command needs to run.</summary>
    internal RootCommand BuildRoot()
    {
        var root = new RootCommand("One native program for everything a machine that serves sites needs.");
        root.Options.Clear();
        root.Directives.Clear();
        root.Options.Add(new HelpOption("--help", "-h")
        {
            Description = "Show help for the program or for one command",
            Action = new ShowHelpAction(output),
        });
        root.Options.Add(new VersionOption("--version", "-V")
        {
            Description = "Show the version",
            Action = new ShowVersionAction(output),
        });
        root.Directives.Add(new Directive("suggest") { Action = new SuggestAction(root, output) });
        root.SetAction(_ => new ListRenderer(output).Write(root));
        foreach (var command in _commands)
            root.Subcommands.Add(command.Build());
        return root;
    }
}
