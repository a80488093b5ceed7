using System.Globalization;
using BenchmarkDotNet.Attributes;
using Securely.Proxy;
using Securely.Proxy.LoadBalancing;

namespace Securely.Benchmarks;

/// <summary>Choosing a server in turn, all equal and with weights.</summary>
[MemoryDiagnoser]
public class Selection
{
    private LoadBalancer _equal = null!;
    private LoadBalancer _weighted = null!;

    /// <summary>How many servers there are.</summary>
    [Params(2, 100)]
    public int Servers { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _equal = Make(_ => 1);
        _weighted = Make(i => (i % 3) + 1);
    }

    [Benchmark]
    public Backend? Select() => _equal.Select(default);

    [Benchmark]
    public Backend? SelectWeighted() => _weighted.Select(default);

    /// <summary>As for another try: every server but one has been tried.</summary>
    [Benchmark]
    public Backend? SelectAnother() => _equal.Select(default, 256, 1, static (backend, ready, wanted) => ready && backend.Index == wanted);

    private LoadBalancer Make(Func<int, int> weight) => new(
        new HostDiscovery([.. Enumerable.Range(0, Servers).Select(i => new BackendOptions(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{3000 + i}"), weight(i)))]),
        new RoundRobin());
}
