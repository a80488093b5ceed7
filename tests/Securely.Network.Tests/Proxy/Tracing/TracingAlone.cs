namespace Securely.Network.Tests.Proxy.Tracing;

/// <summary>Who listens to a source hears everybody in the process, and everybody pays for it: these tests run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TracingAlone
{
    public const string Name = "Tracing";
}
