namespace Securely.Http;

/// <summary>A part of a body.</summary>
/// <param name="Data">The bytes; may be empty. Valid until the next read of the same body.</param>
/// <param name="IsEnd">Whether the body ends with them.</param>
public readonly record struct BodyChunk(ReadOnlyMemory<byte> Data, bool IsEnd);
