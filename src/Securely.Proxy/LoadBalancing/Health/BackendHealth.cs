namespace Securely.Proxy.LoadBalancing;

/// <summary>Whether one backend is healthy. Its monitor writes it, everybody reads it; it goes with the backend from one set to the next.</summary>
internal sealed class BackendHealth
{
    // Written by the monitor's worker alone.
    private int _against;
    private volatile bool _isHealthy = true;

    /// <summary>A backend is healthy until its checks say otherwise (LB-04).</summary>
    public bool IsHealthy => _isHealthy;

    /// <summary>Takes the result of a check. True: the backend is something else from here on (LB-10).</summary>
    public bool Report(bool isGood, int healthy, int unhealthy)
    {
        if (isGood == _isHealthy)
        {
            _against = 0;
            return false;
        }

        if (++_against < (isGood ? healthy : unhealthy))
            return false;
        _against = 0;
        _isHealthy = isGood;
        return true;
    }
}
