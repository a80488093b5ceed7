using System.Globalization;
using Securely.Config;
using Securely.Http;
using Securely.Proxy;

namespace Securely.Cli;

/// <summary>Reads <c>access_log</c>: where a line for each request goes, and what stands in it.</summary>
internal static class AccessLogSection
{
    public const string Name = "access_log";

    private static readonly Dictionary<string, AccessLogFormat> Formats = new(StringComparer.Ordinal)
    {
        ["json"] = AccessLogFormat.Json,
        ["combined"] = AccessLogFormat.Combined,
    };

    /// <summary>Null when the file does not have the section, so that nothing is logged.</summary>
    public static AccessLogOptions? Read(SectionReader root)
    {
        if (root.Map(Name) is not { } section)
            return null;
        var format = section.OneOf("format", AccessLogFormat.Json, Formats);
        var redact = section.Map("redact");
        return new AccessLogOptions
        {
            Path = ReadPath(section),
            Format = format,
            Fields = ReadFields(section, format),
            Sample = ReadSample(section),
            RedactedQuery = redact?.Texts("query") ?? [],
            RedactedHeaders = redact is null ? [] : ReadHeaders(redact),
        };
    }

    /// <summary>Reads <c>path</c> of a log: a file, or standard output.</summary>
    internal static string ReadPath(SectionReader section)
    {
        if (!section.Require("path"))
            return AccessLogOptions.StandardOutput;
        if (section.TextOrNull("path") is AccessLogOptions.StandardOutput or "stdout" || section.PathOrNull("path") is not { } path)
            return AccessLogOptions.StandardOutput;
        PathProblems.ReportFile("path", path, section.OriginOf("path"), section.Diagnostics);
        return path;
    }

    private static string[]? ReadFields(SectionReader section, AccessLogFormat format)
    {
        if (!section.Has("fields"))
            return null;
        if (format == AccessLogFormat.Combined)
        {
            section.Error("fields", "[fields] is for format [json]; the format [combined] has its own");
            _ = section.Value("fields");
            return null;
        }

        var fields = new List<string>();
        foreach (var item in section.Items("fields"))
        {
            if (fields.Contains(item.Text))
                section.Diagnostics.Error(item.Origin, $"[fields]: [{item.Text}] stands twice");
            else if (AccessLog.IsField(item.Text))
                fields.Add(item.Text);
            else
                section.Diagnostics.Error(item.Origin, $"[fields]: [{item.Text}] is not a field{Way(item.Text)}");
        }

        if (fields.Count == 0 && !section.Diagnostics.HasErrors)
            section.Error("fields", "[fields] is empty; name some, or leave the key out");
        return fields.Count == 0 ? null : [.. fields];
    }

    private static string Way(string name)
    {
        if (name.StartsWith("header:", StringComparison.Ordinal) || name.StartsWith("response_header:", StringComparison.Ordinal))
            return "; the name of a header is missing or not one";
        return NearestName.Find(name, AccessLog.FieldNames) is { } nearest
            ? $"; did you mean [{nearest}]?"
            : $"; known are {string.Join(", ", AccessLog.FieldNames.Select(known => $"[{known}]"))}, [header:NAME] and [response_header:NAME]";
    }

    /// <summary>Reads <c>sample</c> of a log.</summary>
    internal static double ReadSample(SectionReader section)
    {
        if (section.TextOrNull("sample") is not { } text)
            return 1;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is > 0 and <= 1)
            return share;
        section.Error("sample", $"[sample] must be a share above [0] and at most [1], as in [0.1], not [{text}]");
        return 1;
    }

    private static string[] ReadHeaders(SectionReader redact)
    {
        var names = new List<string>();
        foreach (var item in redact.Items("headers"))
        {
            if (HeaderName.TryParse(item.Text, out _))
                names.Add(item.Text);
            else
                redact.Diagnostics.Error(item.Origin, $"[headers]: [{item.Text}] is not the name of a header");
        }

        return [.. names];
    }
}
