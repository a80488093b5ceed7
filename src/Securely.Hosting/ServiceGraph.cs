using Securely.Net;

namespace Securely.Hosting;

/// <summary>The services of a server and who waits for whom (SRV-13). Never has a cycle, so that an order always exists. Not thread-safe.</summary>
internal sealed class ServiceGraph
{
    private readonly List<ServiceHandle> _handles = [];
    private readonly List<List<int>> _dependencies = [];
    private bool _frozen;

    /// <summary>The services in the order in which they were added.</summary>
    public IReadOnlyList<ServiceHandle> Handles => _handles;

    /// <summary>Adds a service that waits for some others.</summary>
    public ServiceHandle Add(IService service, ReadOnlySpan<ServiceHandle> dependsOn)
    {
        ArgumentNullException.ThrowIfNull(service);
        ThrowIfFrozen(service.Name);
        if (service.Threads is < 1)
            throw new ArgumentOutOfRangeException(nameof(service), $"Service [{service.Name}] asks for [{service.Threads}] threads; it needs at least 1");
        foreach (var other in dependsOn)
            ThrowIfForeign(service.Name, other);

        var handle = new ServiceHandle(this, _handles.Count, service);
        _handles.Add(handle);
        _dependencies.Add([]);
        foreach (var other in dependsOn)
            AddDependency(handle, other);
        return handle;
    }

    /// <summary>Lets a service wait for another one.</summary>
    public void AddDependency(ServiceHandle service, ServiceHandle other)
    {
        ThrowIfForeign(service.Name, other);
        ThrowIfFrozen(service.Name);
        if (_dependencies[service.Index].Contains(other.Index))
            return;

        var path = new List<int> { service.Index };
        if (FindPath(other.Index, service.Index, path, new bool[_handles.Count]))
        {
            var names = string.Join(" -> ", path.Select(i => $"[{_handles[i].Name}]"));
            throw new InvalidOperationException($"Service [{service.Name}] cannot depend on [{other.Name}]: {names} is a cycle");
        }

        _dependencies[service.Index].Add(other.Index);
    }

    /// <summary>What a service waits for.</summary>
    public IReadOnlyList<int> DependenciesOf(ServiceHandle service) => _dependencies[service.Index];

    /// <summary>Refuses changes from now on.</summary>
    public void Freeze() => _frozen = true;

    /// <summary>The services, each after all that it depends on; otherwise in the order in which they were added.</summary>
    public IReadOnlyList<ServiceHandle> Order()
    {
        var order = new List<ServiceHandle>(_handles.Count);
        var placed = new bool[_handles.Count];
        while (order.Count < _handles.Count)
        {
            // The first one that waits for nothing unplaced; without cycles there always is one.
            var next = _handles.First(h => !placed[h.Index] && _dependencies[h.Index].TrueForAll(d => placed[d]));
            placed[next.Index] = true;
            order.Add(next);
        }

        return order;
    }

    private bool FindPath(int from, int to, List<int> path, bool[] visited)
    {
        path.Add(from);
        if (from == to)
            return true;
        visited[from] = true;
        foreach (var next in _dependencies[from])
        {
            if (!visited[next] && FindPath(next, to, path, visited))
                return true;
        }

        path.RemoveAt(path.Count - 1);
        return false;
    }

    private void ThrowIfForeign(string name, ServiceHandle other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Graph != this)
            throw new ArgumentException($"Service [{name}] cannot depend on [{other.Name}]: it is a service of another server", nameof(other));
    }

    private void ThrowIfFrozen(string name)
    {
        if (_frozen)
            throw new InvalidOperationException($"Service [{name}] comes too late: the server has been started; add services and dependencies before it runs");
    }
}
