using Securely.Http;

namespace Securely.Proxy;

/// <summary>What the lines of an access log look like; decided once a log.</summary>
internal static class AccessLogLayout
{
    /// <summary>Makes the fields and what formats them.</summary>
    /// <exception cref="ArgumentException">A field is not known or stands twice, or there are none.</exception>
    internal static (AccessLogField[] Fields, AccessLogFormatter Formatter) Compile(AccessLogOptions options)
    {
        var redaction = new QueryRedaction(options.RedactedQuery);
        foreach (var name in options.RedactedHeaders)
            HeaderName.Parse(name);
        if (options.Format == AccessLogFormat.Combined)
        {
            if (options.Fields is not null)
                throw new ArgumentException("Format [combined] has fields of its own; take the list out, or take format [json].", nameof(options));
            return CombinedLineFormatter.Create(options.RedactedHeaders, redaction);
        }

        var names = options.Fields ?? AccessLog.DefaultFields;
        if (names.Count == 0)
            throw new ArgumentException("An access log without fields says nothing; name some, or leave the list out.", nameof(options));
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Field [{twice.Key}] stands twice; take one out.", nameof(options));
        AccessLogField[] fields = [.. names.Select(name => AccessLogField.Parse(name, options.RedactedHeaders)
            ?? throw new ArgumentException($"Field [{name}] is not known{Spelling.Suggest(name, AccessLogField.Named.Keys)}", nameof(options)))];
        return (fields, new JsonLineFormatter(fields, redaction));
    }
}
