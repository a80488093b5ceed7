using Securely.Proxy;

namespace Securely.Cli;

/// <summary>What is served where there is no configuration file: one page that says what to do next.</summary>
internal static class WelcomePage
{
    /// <summary>A proxy that answers every request with the page.</summary>
    public static ProxyConfiguration Configuration() => new()
    {
        Sites = [new SiteOptions { Hosts = ["*"], Routes = [new RouteOptions { Respond = new RespondOptions(200, Read(), "text/html; charset=utf-8") }] }],
    };

    private static string Read()
    {
        using var stream = typeof(WelcomePage).Assembly.GetManifestResourceStream("welcome.html")
            ?? throw new InvalidOperationException("Resource [welcome.html] is missing from this build");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
