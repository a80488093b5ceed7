using Securely.Config;

namespace Securely.Cli;

/// <summary>Says why a path cannot be what it is meant for, before somebody tries.</summary>
internal static class PathProblems
{
    /// <summary>Why a file cannot be written there, with the way out; null when nothing is known against it.</summary>
    public static string? OfFile(string path)
    {
        if (Directory.Exists(path))
            return "it is a directory; name a file in it";
        var parent = Path.GetDirectoryName(path);
        if (string.IsNullOrEmpty(parent) || Directory.Exists(parent))
            return null;
        return OfDirectory(parent) ?? $"its directory [{parent}] does not exist; make that first";
    }

    /// <summary>Why a directory cannot be made there, with the way out; null when nothing is known against it.</summary>
    public static string? OfDirectory(string path)
    {
        for (var place = path; !string.IsNullOrEmpty(place) && !Directory.Exists(place); place = Path.GetDirectoryName(place))
        {
            if (File.Exists(place))
                return $"[{place}] is a file; name a directory";
        }

        return null;
    }

    /// <summary>Reports what is known against a file that is written to. What is only missing may be made before the server starts, so that is a warning.</summary>
    public static void ReportFile(string key, string? path, ConfigOrigin origin, ConfigDiagnostics diagnostics)
    {
        if (path is null || OfFile(path) is not { } problem)
            return;
        var message = $"[{key}]: [{path}] cannot be written: {problem}";
        if (Directory.Exists(path) || OfDirectory(path) is not null)
            diagnostics.Error(origin, message);
        else
            diagnostics.Warning(origin, message);
    }
}
