using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Securely.Config;
using Securely.Net;

namespace Securely.Cli;

/// <summary>How a command of the program asks the running server: which socket, and what to say when nobody answers.</summary>
internal sealed class ControlCall(CliEnvironment environment)
{
    private const string SocketName = "--control-socket";

    /// <summary>What every command says in its help about how it finds the server.</summary>
    public static string Details =>
        "The server is found by its control socket: that of the configuration file (control_socket), which is the one that serve would read; "
        + "without a file it is control.sock in the data directory of this user. Only the user who runs the server, and root, may ask.";

    /// <summary>The <c>--control-socket</c> of a command.</summary>
    public static Option<string?> SocketOption(string description) => new(SocketName) { HelpName = "PATH", Description = description };

    /// <summary>Adds the options that say which server.</summary>
    public static void Declare(Command command)
    {
        command.Options.Add(ConfigurationOption.Create());
        command.Options.Add(SocketOption("Ask at this Unix socket instead of the one that the configuration file names"));
    }

    /// <summary>The one answer of a command that has one.</summary>
    /// <exception cref="CliException">The server cannot be asked, or refuses.</exception>
    public async Task<JsonElement> AskAsync(ParseResult line, string command, Action<Utf8JsonWriter>? request, CancellationToken cancellationToken)
    {
        await foreach (var answer in RunAsync(line, command, request, cancellationToken))
            return answer;
        throw new CliException($"The server has no answer to [{command}]; use the program that the server runs");
    }

    /// <summary>The answers of a command as they come.</summary>
    /// <exception cref="CliException">The server cannot be asked, or refuses.</exception>
    /// <exception cref="ControlException">It went away, or refused, after its first answer.</exception>
    public async IAsyncEnumerable<JsonElement> RunAsync(
        ParseResult line, string command, Action<Utf8JsonWriter>? request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (answers, hasOne) = await StartAsync(Paths(line), command, request, cancellationToken);
        await using (answers)
        {
            for (; hasOne; hasOne = await answers.MoveNextAsync())
                yield return answers.Current;
        }
    }

    /// <summary>Asks at the first path where there is a socket, and waits for the first answer.</summary>
    private async Task<(IAsyncEnumerator<JsonElement> Answers, bool HasOne)> StartAsync(
        IReadOnlyList<string> paths, string command, Action<Utf8JsonWriter>? request, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            var answers = new ControlClient(paths[i], environment.Time).RunAsync(command, request, cancellationToken).GetAsyncEnumerator(cancellationToken);
            try
            {
                return (answers, await answers.MoveNextAsync());
            }
            catch (ControlException error)
            {
                await answers.DisposeAsync();
                if (error.Failure != ControlFailure.NoSocket || i + 1 == paths.Count)
                    throw new CliException(Explain(error, paths[0], isOther: i > 0));
            }
        }
    }

    private static string Explain(ControlException error, string path, bool isOther) => error.Failure switch
    {
        ControlFailure.NoSocket => NothingAt(path),
        ControlFailure.NotRunning when isOther => NothingAt(path),
        ControlFailure.NotRunning => error.Message + "; start it again with securely serve",
        ControlFailure.PermissionDenied when isOther => $"No server of this user runs ([{path}] does not exist). {error.Message}",
        _ => error.Message,
    };

    private static string NothingAt(string path) =>
        $"No server runs with the control socket [{path}]; start one with securely serve, or name its configuration file with -c";

    private IReadOnlyList<string> Paths(ParseResult line)
    {
        // Commands that only tell the server something on the side have no option for it.
        if (line.CommandResult.Command.Options.Any(option => option.Name == SocketName) && line.GetValue<string?>(SocketName) is { } named)
            return [environment.FullPath(named)];
        var socket = ConfigurationFile.Find(line.GetValue<string?>(ConfigurationOption.Name), environment) is { } file
            ? ReadSocket(file)
            : ControlSocketOptions.Default(DataDirectory.Default(environment));
        // A server of root with a default of its own is found too, if only to be told who may ask it.
        return socket.IsRequired || environment.IsRoot ? [socket.Path] : [socket.Path, ControlSocketOptions.In(environment.SystemDataDirectory)];
    }

    /// <summary>Reads no more of the file than it needs: a mistake elsewhere in it, made since the server started, does not keep it from being stopped.</summary>
    private ControlSocketOptions ReadSocket(string file)
    {
        var diagnostics = new ConfigDiagnostics();
        if (YamlReader.ReadFile(file, diagnostics) is not { } root)
            throw new ConfigException(diagnostics);
        var own = root.Kind == ConfigKind.Map ? root.Entries.Where(entry => entry.Key is ControlSocketOptions.Key or DataDirectory.Name) : [];
        var section = new SectionReader(ConfigValue.FromMap(own, root.Origin), "", diagnostics) { NeedsValues = true };
        var socket = ControlSocketOptions.Read(section, DataDirectory.Read(section, environment));
        return diagnostics.HasErrors ? throw new ConfigException(diagnostics) : socket;
    }
}
