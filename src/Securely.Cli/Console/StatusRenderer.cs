using System.Globalization;

namespace Securely.Cli;

/// <summary>Writes a report for people.</summary>
internal static class StatusRenderer
{
    public static void Write(Output output, StatusReport report)
    {
        output.WriteLine($"Securely {output.Paint.Name(report.Version)}");
        output.WriteLine();
        WriteServer(output, report);
        WriteListeners(output, report);
        WriteNames(output, report);
        WriteWorkers(output, report);
        WriteUpstreams(output, report);
        WritePools(output, report);
    }

    /// <summary><c>3d 4h</c>, <c>4h 5m</c>, <c>5m 6s</c>, <c>6s</c>: two units at most.</summary>
    internal static string Duration(double seconds)
    {
        var span = TimeSpan.FromSeconds(Math.Floor(seconds));
        return span switch
        {
            { Days: > 0 } => string.Create(CultureInfo.InvariantCulture, $"{span.Days}d {span.Hours}h"),
            { Hours: > 0 } => string.Create(CultureInfo.InvariantCulture, $"{span.Hours}h {span.Minutes}m"),
            { Minutes: > 0 } => string.Create(CultureInfo.InvariantCulture, $"{span.Minutes}m {span.Seconds}s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{span.Seconds}s"),
        };
    }

    private static void WriteServer(Output output, StatusReport report)
    {
        var grid = new Grid("Server", new GridColumn("", IsNumber: false));
        grid.Add("Process", string.Create(CultureInfo.InvariantCulture, $"{report.ProcessId}, running for {Duration(report.UptimeSeconds)}"));
        grid.Add("Phase", report.Phase.Replace('_', ' '));
        if (report.Configuration is { } file)
            grid.Add("Configuration", file);
        grid.Add("Connections", Text(report.Connections));
        grid.Add("Requests", Text(report.Requests.Total));
        grid.Add("Last 10 s", Rate(report.Requests.PerSecondOfTenSeconds));
        grid.Add("Last minute", Rate(report.Requests.PerSecondOfOneMinute));
        grid.Write(output);
    }

    private static void WriteListeners(Output output, StatusReport report)
    {
        output.WriteLine();
        var grid = new Grid("Listeners", new GridColumn("connections"));
        foreach (var listener in report.Listeners)
            grid.Add(listener.Address, Text(listener.Connections));
        grid.Write(output);
    }

    private static void WriteNames(Output output, StatusReport report)
    {
        if (report.Dns is not { } dns)
            return;
        output.WriteLine();
        var grid = new Grid("Names", new GridColumn("", IsNumber: false));
        grid.Add("Addresses", string.Join(", ", dns.Addresses));
        grid.Add("Zones", Text(dns.Zones));
        grid.Add("Questions", Text(dns.Queries));
        grid.Add("Last 10 s", Rate(dns.PerSecondOfTenSeconds, "questions"));
        grid.Add("Last minute", Rate(dns.PerSecondOfOneMinute, "questions"));
        grid.Add("Dropped", Text(dns.Dropped));
        grid.Add("Connections", Text(dns.Connections));
        grid.Write(output);
    }

    private static void WriteWorkers(Output output, StatusReport report)
    {
        output.WriteLine();
        var grid = new Grid("Workers", new GridColumn("load"), new GridColumn("connections"));
        foreach (var worker in report.Workers)
            grid.Add(worker.Name, string.Create(CultureInfo.InvariantCulture, $"{worker.Load * 100:0} %"), Text(worker.Connections));
        grid.Write(output);
    }

    private static void WriteUpstreams(Output output, StatusReport report)
    {
        if (report.Upstreams.Count == 0)
            return;
        output.WriteLine();
        var grid = new Grid("Upstreams", new GridColumn("weight"), new GridColumn("state", IsNumber: false));
        foreach (var upstream in report.Upstreams)
        {
            grid.Add($"{upstream.Name} ({upstream.Balance})");
            if (upstream.Servers.Count == 0)
                grid.Add("  no server", "", "no name resolves");
            foreach (var server in upstream.Servers)
                grid.Add("  " + server.Address, Text(server.Weight), server.State);
        }

        grid.Write(output);
    }

    private static void WritePools(Output output, StatusReport report)
    {
        if (report.Upstreams.Count == 0 || report.Pools.Count == 0)
            return;
        output.WriteLine();
        var grid = new Grid("Pools", new GridColumn("idle"), new GridColumn("limit"));
        foreach (var pool in report.Pools)
            grid.Add(pool.Name, Text(pool.Idle), Text(pool.Limit));
        grid.Write(output);
    }

    private static string Rate(double perSecond, string what = "requests") => string.Create(CultureInfo.InvariantCulture, $"{perSecond:0.0} {what}/s");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
