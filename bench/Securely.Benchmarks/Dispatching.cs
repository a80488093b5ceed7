using System.Globalization;
using BenchmarkDotNet.Attributes;
using Securely.Events;

namespace Securely.Benchmarks;

/// <summary>Dispatching to nobody, by name, to wildcards, and an object.</summary>
[MemoryDiagnoser]
public class Dispatching
{
    private static readonly object Message = new();
    private static readonly object?[] Payload = ["Ann"];

    private readonly Dispatcher _events = new();

    [GlobalSetup]
    public void Setup()
    {
        for (var i = 0; i < 100; i++)
            _events.Listen(string.Create(CultureInfo.InvariantCulture, $"other.{i}"), static _ => { });
        _events.Listen("user.created", static _ => { });
        _events.Listen("user.created", static _ => { });
        _events.Listen("order.*", static _ => { });
        _events.Listen<object>(static _ => { });
    }

    [Benchmark]
    public ValueTask<IReadOnlyList<object?>> Nobody() => _events.DispatchAsync("nobody", Payload);

    [Benchmark]
    public ValueTask<IReadOnlyList<object?>> TwoByName() => _events.DispatchAsync("user.created", Payload);

    [Benchmark]
    public ValueTask<IReadOnlyList<object?>> OneByWildcard() => _events.DispatchAsync("order.paid", Payload);

    [Benchmark]
    public ValueTask<IReadOnlyList<object?>> OneObject() => _events.DispatchAsync(Message);
}
