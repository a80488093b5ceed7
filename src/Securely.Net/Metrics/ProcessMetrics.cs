using System.Buffers.Text;
using System.Diagnostics;

namespace Securely.Net;

/// <summary>The figures of the process and of its garbage collector, by the names that every Prometheus client has for them.</summary>
public static class ProcessMetrics
{
    /// <summary>Adds the figures. They are read when they are asked for; nothing runs in between.</summary>
    /// <param name="registry">Where to. Adding them again replaces them.</param>
    public static void Add(MetricsRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        AddProcess(registry);
        AddRuntime(registry);
    }

    private static void AddProcess(MetricsRegistry registry)
    {
        Counter(registry, "process_cpu_seconds_total", "Processor time of the process, in the kernel and outside of it.", static () => Environment.CpuUsage.TotalTime.TotalSeconds);
        Gauge(registry, "process_resident_memory_bytes", "Memory of the process that is in RAM.", static () => Environment.WorkingSet);
        using (var process = Process.GetCurrentProcess())
        {
            var started = (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
            Gauge(registry, "process_start_time_seconds", "When the process started, in seconds since 1970.", () => started);
        }

        if (!OperatingSystem.IsLinux())
            return;
        Gauge(registry, "process_virtual_memory_bytes", "Address space of the process.", ReadVirtualMemory);
        Gauge(registry, "process_open_fds", "Descriptors that are open.", static () => LinuxCalls.CountDescriptors());
        Gauge(registry, "process_max_fds", "Descriptors that may be open.", static () => LinuxCalls.MostDescriptors());
    }

    private static void AddRuntime(MetricsRegistry registry)
    {
        var collections = registry.Counter(new MetricDefinition("dotnet_gc_collections_total", "Garbage collections, by the oldest generation that was collected.") { Labels = ["gc_heap_generation"] });
        collections.Observe(static () => GC.CollectionCount(0) - GC.CollectionCount(1), "gen0");
        collections.Observe(static () => GC.CollectionCount(1) - GC.CollectionCount(2), "gen1");
        collections.Observe(static () => GC.CollectionCount(2), "gen2");
        Counter(registry, "dotnet_gc_pause_time_seconds_total", "Time in which the garbage collector held all threads.", static () => GC.GetTotalPauseDuration().TotalSeconds);
        Counter(registry, "dotnet_gc_heap_allocated_bytes_total", "Bytes allocated on the managed heap.", static () => GC.GetTotalAllocatedBytes());
        Gauge(registry, "dotnet_gc_last_collection_heap_size_bytes", "Managed heap after the last collection.", static () => GC.GetGCMemoryInfo().HeapSizeBytes);
        Gauge(registry, "dotnet_gc_last_collection_committed_bytes", "Memory that the managed heap held after the last collection.", static () => GC.GetGCMemoryInfo().TotalCommittedBytes);
        Counter(registry, "dotnet_monitor_lock_contentions_total", "Times that a thread had to wait for a lock.", static () => Monitor.LockContentionCount);
        Gauge(registry, "dotnet_thread_pool_threads", "Threads of the thread pool; requests do not run there.", static () => ThreadPool.ThreadCount);
        Gauge(registry, "dotnet_thread_pool_queued_items", "Work that waits for a thread of the pool.", static () => ThreadPool.PendingWorkItemCount);
    }

    private static void Counter(MetricsRegistry registry, string name, string help, Func<double> read) => registry.Counter(new MetricDefinition(name, help)).Observe(read);

    private static void Gauge(MetricsRegistry registry, string name, string help, Func<double> read) => registry.Gauge(new MetricDefinition(name, help)).Observe(read);

    /// <summary>The first field of statm (proc(5)), in pages.</summary>
    private static double ReadVirtualMemory()
    {
        Span<byte> text = stackalloc byte[128];
        using var file = File.OpenHandle("/proc/self/statm");
        var length = RandomAccess.Read(file, text, 0);
        return Utf8Parser.TryParse(text[..length], out long pages, out _) ? pages * Environment.SystemPageSize : double.NaN;
    }
}
