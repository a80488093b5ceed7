using Securely.Config;
using Securely.Net;
using Securely.Proxy;

namespace Securely.Cli;

/// <summary>Runs the server of a configuration in the foreground; what <c>serve</c> and <c>proxy</c> share.</summary>
internal sealed class ServerRun(Output output, CliEnvironment environment)
{
    private const int DefaultPortAttempts = 3;

    /// <summary>
    /// Life: 1. the services are made; 2. they start, and a port in use ends it here; 3. the addresses are written, first of all lines,
    /// then <paramref name="remarks"/>, the local authority and that it is ready; 4. it runs until a signal or the token.
    /// </summary>
    /// <param name="configuration">A configuration without errors.</param>
    /// <param name="remarks">What else is worth a line.</param>
    /// <param name="cancellationToken">Ends the server gracefully.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(SecurelyConfiguration configuration, IEnumerable<string> remarks, CancellationToken cancellationToken)
    {
        await using var channels = LogChannels.Open(configuration.Log, output.Error, environment.Time);
        using var log = new ProcessLog(output.Error, configuration.Server.ErrorLog, environment.Time, channels);
        if (configuration.Log is { } own)
            log.Levels.Set(own.Lowest);
        var attempts = configuration.Listeners.Any(listener => listener.IsDefault) ? DefaultPortAttempts : 1;
        while (true)
        {
            await using var composition = await BuildAsync(configuration, log, cancellationToken);
            var running = composition.Server.RunAsync(cancellationToken);
            if (await FailureOfAsync(composition) is { } failure)
            {
                var code = await running;
                if (failure.InnerException is not NetException reason)
                    return code;
                // The default port was free a moment ago; somebody else took it meanwhile.
                if (reason.Kind == NetErrorKind.BindError && --attempts > 0)
                    continue;
                throw new CliException(reason.Message);
            }

            foreach (var address in composition.Addresses)
                output.WriteLine(output.Paint.Address(address));
            foreach (var address in composition.NameServerAddresses)
                output.WriteLine($"Names are answered on {address}");
            if (composition.Monitoring.Address is { } monitor)
                output.WriteLine($"Metrics are at {monitor}");
            foreach (var remark in remarks)
                output.WriteLine(remark);
            if (composition.Authority is { } authority)
                output.WriteLine($"The local authority is {authority.CertificatePath}");
            output.WriteLine($"Securely {ProductVersion.Text} is ready");
            return await running;
        }
    }

    private static async Task<InvalidOperationException?> FailureOfAsync(Composition composition)
    {
        try
        {
            await composition.ReadyAsync();
            return null;
        }
        catch (InvalidOperationException failure)
        {
            return failure;
        }
    }

    private async Task<Composition> BuildAsync(SecurelyConfiguration configuration, ProcessLog log, CancellationToken cancellationToken)
    {
        try
        {
            return await Composition.BuildAsync(configuration, log, environment.Time, cancellationToken);
        }
        catch (RouteTableException failure) when (configuration.Source is { } source)
        {
            var diagnostics = new ConfigDiagnostics();
            RouteProblems.Report(source, failure.Problems, diagnostics);
            throw new ConfigException(diagnostics);
        }
        catch (RouteTableException failure)
        {
            throw new CliException(string.Join('\n', failure.Problems.Select(problem => problem.Message)));
        }
    }
}
