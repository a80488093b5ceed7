using Securely.Config;

namespace Securely.Cli;

/// <summary>Where the server can be asked (<c>control_socket</c>).</summary>
/// <param name="Path">An absolute path.</param>
/// <param name="IsRequired">
/// Whether somebody chose the path, or the data directory that it is in: then a server that cannot have it does not start. Nobody is kept from
/// starting a second server by a default.
/// </param>
internal sealed record ControlSocketOptions(string Path, bool IsRequired)
{
    public const string Key = "control_socket";

    private const string FileName = "control.sock";

    public static ControlSocketOptions Read(SectionReader root, string dataDirectory) => root.PathOrNull(Key) is { } path
        ? new ControlSocketOptions(path, IsRequired: true)
        : new ControlSocketOptions(In(dataDirectory), IsRequired: root.Has(DataDirectory.Name));

    /// <summary>The one of whoever names none.</summary>
    public static ControlSocketOptions Default(string dataDirectory) => new(In(dataDirectory), IsRequired: false);

    public static string In(string dataDirectory) => System.IO.Path.Combine(dataDirectory, FileName);
}
