using System.Globalization;
using System.Net.Sockets;

namespace Securely.Net;

/// <summary>Says why a control socket does not answer, whose it is, and what to do.</summary>
internal static class ControlProblem
{
    private const string Users = "/etc/passwd";

    internal static ControlException OfConnect(string path, SocketException error) => error.SocketErrorCode switch
    {
        SocketError.AccessDenied => Denied(path, error),
        SocketError.AddressNotAvailable => new ControlException(
            ControlFailure.NoSocket, $"No server runs with the control socket [{path}]", cause: error),
        SocketError.ConnectionRefused when FileCalls.StatusOf(path, followLinks: true) is { IsSocket: false } status => new ControlException(
            ControlFailure.Broken, $"[{path}] is a {(status.IsDirectory ? "directory" : "file")} and no control socket; name the socket itself, or the configuration file with -c", cause: error),
        SocketError.ConnectionRefused => new ControlException(
            ControlFailure.NotRunning, $"No server runs: the control socket [{path}] is left from one that has died", cause: error),
        _ => new ControlException(ControlFailure.NoSocket, $"The control socket [{path}] cannot be connected to: {error.Message}", cause: error),
    };

    internal static ControlException Hangs(string path, TimeSpan patience) => new(
        ControlFailure.TimedOut,
        string.Create(CultureInfo.InvariantCulture, $"The server on [{path}] has not answered within {patience.TotalSeconds:0.#} s; it hangs or the machine is overloaded"));

    internal static ControlException Gone(string path, Exception? cause = null) =>
        new(ControlFailure.Broken, $"The server on [{path}] went away before it had answered", cause: cause);

    private static ControlException Denied(string path, Exception cause)
    {
        // Whoever may not enter the directory may not look at the socket either: then the nearest one that can be looked at is what refuses.
        var refusing = path;
        var status = FileCalls.StatusOf(path, followLinks: true);
        while (status is null && Path.GetDirectoryName(refusing) is { } parent)
        {
            refusing = parent;
            status = FileCalls.StatusOf(refusing, followLinks: true);
        }

        if (status is not { } known)
            return new ControlException(ControlFailure.PermissionDenied, $"Permission to use the control socket [{path}] is denied; call it as the user who runs the server", cause: cause);
        var owner = NameOf(known.User);
        var thing = refusing == path ? $"the control socket [{path}]" : $"the control socket [{path}] (its directory [{refusing}] is closed)";
        return new ControlException(
            ControlFailure.PermissionDenied,
            owner == Environment.UserName
                ? $"Permission to use {thing} is denied, though it belongs to [{owner}]; give its mode back with chmod {(refusing == path ? "600" : "700")} {refusing}"
                : $"Permission to use {thing} is denied: it belongs to [{owner}], and this program runs as [{Environment.UserName}]; call it as [{owner}], as in sudo -u {owner}",
            cause: cause);
    }

    private static string NameOf(uint user)
    {
        var number = user.ToString(CultureInfo.InvariantCulture);
        try
        {
            // NAME:PASSWORD:UID:...
            return File.ReadLines(Users).Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length > 2 && fields[2] == number)?[0] ?? "#" + number;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "#" + number;
        }
    }
}
