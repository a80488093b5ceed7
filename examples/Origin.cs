using Securely.Http;

namespace Securely.Examples;

/// <summary>What stands behind the proxies of these examples: a server that says its name and what it was asked.</summary>
/// <param name="name">Its name.</param>
internal sealed class Origin(string name) : IHttpHandler
{
    /// <summary>A service to add to a server.</summary>
    public static HttpService At(string address, string name)
    {
        var service = new HttpService(name, new Origin(name), new HttpServiceOptions { Threads = 1 });
        service.AddTcp(address);
        return service;
    }

    public ValueTask HandleAsync(ServerSession session, CancellationToken shutdown) =>
        session.RespondAsync(200, $"{name}: {session.Request.MethodText} {session.Request.TargetText} of {session.Request.HostText}\n");
}
