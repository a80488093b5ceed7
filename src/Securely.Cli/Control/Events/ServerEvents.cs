using System.Text.Json;
using Microsoft.Extensions.Logging;
using Securely.Events;
using Securely.Hosting;

namespace Securely.Cli;

/// <summary>The events of a running server: its own, <c>server.running</c> and the like, and what callers dispatch over the control socket.</summary>
internal static class ServerEvents
{
    /// <summary>Names that begin so are the server's; nobody else may dispatch them.</summary>
    public const string Prefix = "server.";

    public static Dispatcher Of(Server server, ILoggerFactory log)
    {
        var events = new Dispatcher(new Logger<Dispatcher>(log));
        server.PhaseChanged += phase => Announce(events, phase);
        return events;
    }

    /// <summary>Nobody waits for it: watches take it at once, and other listeners have no part in the server's life.</summary>
    private static void Announce(Dispatcher events, ExecutionPhase phase) =>
        _ = events.DispatchAsync(Prefix + JsonNamingPolicy.SnakeCaseLower.ConvertName(phase.ToString())).AsTask();
}
