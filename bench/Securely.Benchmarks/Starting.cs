using BenchmarkDotNet.Attributes;
using Securely.Config;
using Securely.Hosting;
using Securely.Net;

namespace Securely.Benchmarks;

/// <summary>What a process costs beside its services: its keys, and a start and stop of ten services that depend on each other.</summary>
[MemoryDiagnoser]
public class Starting
{
    private const string Yaml = "version: 1\nthreads: 2\npid_file: /run/securely.pid\ngrace_period_seconds: 10\nmine: {a: 1}\n";

    private static readonly HashSet<string> NoSections = [];
    private readonly ConfigValue _file = YamlReader.Read(Yaml, "securely.yaml");

    [Benchmark]
    public ServerOptions ReadOptions() => ServerOptionsReader.Read(_file, new ConfigDiagnostics(), NoSections);

    [Benchmark]
    public async Task<int> StartAndStop()
    {
        await using var server = new Server(new ServerOptions { Threads = 1, HandleSignals = false });
        ServiceHandle? last = null;
        for (var i = 0; i < 10; i++)
        {
            var added = server.Add(new BackgroundService("service", RunAsync));
            if (last is not null)
                added.AddDependency(last);
            last = added;
        }

        server.PhaseChanged += phase => Stop(server, phase);
        return await server.RunAsync();
    }

    private static void Stop(Server server, ExecutionPhase phase)
    {
        if (phase == ExecutionPhase.Running)
            _ = server.StopAsync(ShutdownKind.Fast).AsTask();
    }

    private static async Task RunAsync(ServiceContext context, CancellationToken shutdown)
    {
        context.MarkReady();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (shutdown.Register(ended.SetResult))
            await ended.Task;
    }
}
