namespace Securely.Proxy;

/// <summary>What a synchronous body filter gives back.</summary>
/// <param name="Bytes">What is forwarded; empty forwards nothing, the filter's own input costs nothing.</param>
/// <param name="Delay">How long to wait before it is forwarded, to limit a rate (PRX-15). Default: zero.</param>
public readonly record struct BodyResult(ReadOnlyMemory<byte> Bytes, TimeSpan Delay = default);
