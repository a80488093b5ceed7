namespace Securely.Net;

/// <summary>Decides which connections may serve each other's requests. Keys are compared for real, never by hash alone (CON-13).</summary>
public abstract class PoolKey : IEquatable<PoolKey>
{
    /// <inheritdoc/>
    public abstract bool Equals(PoolKey? other);

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => Equals(obj as PoolKey);

    /// <inheritdoc/>
    public abstract override int GetHashCode();
}
