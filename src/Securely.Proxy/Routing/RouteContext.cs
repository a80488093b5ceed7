namespace Securely.Proxy;

/// <summary>The state of one request of a <see cref="ConfiguredProxy"/>.</summary>
public sealed class RouteContext
{
    /// <summary>The route that the request matched; null before, and for one that matched none.</summary>
    public Route? Route { get; internal set; }

    /// <summary>The server of the present try; null before.</summary>
    public LoadBalancing.Backend? Backend { get; internal set; }

    /// <summary>A bit for each server that was tried, by <see cref="LoadBalancing.Backend.Index"/>.</summary>
    internal ulong Tried { get; set; }

    /// <summary>Whether the request is a call of gRPC-web that goes on as one of gRPC.</summary>
    internal bool IsGrpcWeb { get; set; }

    /// <summary>Whether the path that was matched is not the one that came.</summary>
    internal bool HasDotSegments { get; set; }

    internal void Clear()
    {
        HasDotSegments = false;
        IsGrpcWeb = false;
        Route = null;
        Backend = null;
        Tried = 0;
    }
}
