using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>A real client and server of gRPC: Node.js with <c>@grpc/grpc-js</c>, of the versions in <c>tests/data/grpc/package-lock.json</c>.</summary>
internal static class GrpcPrograms
{
    private static readonly Lazy<Task<string>> _folder = new(InstallAsync);

    /// <summary>A server of <c>test.Calls</c> and <c>grpc.health.v1</c> in cleartext.</summary>
    public static async Task<ExternalServer> ServeAsync()
    {
        var folder = await _folder.Value;
        return await ExternalServer.StartAsync(new ExternalProgram
        {
            Name = "node",
            Package = "nodejs",
            Configuration = _ => "",
            Arguments = site => [Path.Combine(folder, "server.js"), $"{site.Port}"],
        });
    }

    /// <summary>What each kind of call comes to at an address, a line each.</summary>
    public static async Task<string[]> CallAsync(string address, params string[] kinds)
    {
        var client = new CliRunner { Binary = ExternalProgram.Find("node", "nodejs"), Limit = TimeSpan.FromMinutes(2) };
        var result = await client.RunAsync([Path.Combine(await _folder.Value, "client.js"), address, .. kinds]);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Output.TrimEnd('\n').Split('\n');
    }

    /// <summary>Installs what the lock file says beside the built tests, once.</summary>
    private static async Task<string> InstallAsync()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "grpc");
        var stamp = Path.Combine(folder, "node_modules", "installed");
        var wanted = await File.ReadAllTextAsync(Path.Combine(folder, "package-lock.json"), TestContext.Current.CancellationToken);
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp, TestContext.Current.CancellationToken) == wanted)
            return folder;
        var npm = new CliRunner { Binary = ExternalProgram.Find("npm", "npm"), WorkingDirectory = folder, Limit = TimeSpan.FromMinutes(3) };
        var result = await npm.RunAsync("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline");
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"npm cannot install what [{folder}] names: {result.Output}{result.Error}");
        await File.WriteAllTextAsync(stamp, wanted, TestContext.Current.CancellationToken);
        return folder;
    }
}
