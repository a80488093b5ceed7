using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Securely.Validation;

/// <summary>
/// What failed as a problem document (RFC 9457, <c>application/problem+json</c>): <c>errors</c> has one entry a message, with a JSON pointer
/// (RFC 6901) to the value and the name of the rule where one is known.
/// </summary>
public sealed class ValidationProblem
{
    /// <summary>The media type of the document.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>422, the status of a document that is well-formed but not valid (RFC 9110 section 15.5.21).</summary>
    public const int UnprocessableContent = 422;

    private ValidationProblem(string title, string detail, IReadOnlyList<ValidationProblemError> errors)
    {
        Title = title;
        Detail = detail;
        Errors = errors;
    }

    /// <summary>The kind of problem; <c>about:blank</c> (the default) when no page explains it.</summary>
    public string Type { get; init; } = "about:blank";

    /// <summary>A short text that is the same for all such problems.</summary>
    public string Title { get; }

    /// <summary>The HTTP status.</summary>
    public int Status { get; init; } = UnprocessableContent;

    /// <summary>The first message, and how many more there are.</summary>
    public string Detail { get; }

    /// <summary>Where the problem happened, for instance the path of the request; null leaves it out.</summary>
    public string? Instance { get; init; }

    /// <summary>All messages.</summary>
    public IReadOnlyList<ValidationProblemError> Errors { get; }

    /// <summary>Writes the document.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteString("type", Type);
        writer.WriteString("title", Title);
        writer.WriteNumber("status", Status);
        writer.WriteString("detail", Detail);
        if (Instance is not null)
            writer.WriteString("instance", Instance);
        writer.WriteStartArray("errors");
        foreach (var error in Errors)
        {
            writer.WriteStartObject();
            writer.WriteString("detail", error.Detail);
            writer.WriteString("pointer", error.Pointer);
            writer.WriteString("field", error.Field);
            if (error.Rule is not null)
                writer.WriteString("rule", error.Rule);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The document as text.</summary>
    public string ToJson(bool indented = false) => JsonText.Write(WriteTo, indented);

    internal static ValidationProblem Of(Validator validator)
    {
        var errors = new List<ValidationProblemError>();
        var failures = validator.Failures;
        foreach (var field in validator.Errors.Keys)
        {
            var messages = validator.Errors.Get(field, ":message");
            var rules = failures.GetValueOrDefault(field) ?? [];
            var pointer = Pointer(validator.PathOf(field));
            for (var i = 0; i < messages.Count; i++)
                errors.Add(new ValidationProblemError(messages[i], pointer, field, messages.Count == rules.Count ? rules[i].Name : rules.Count == 1 ? rules[0].Name : null));
        }

        return new ValidationProblem(validator.Options.Catalog.Title, validator.Options.Catalog.Summary(validator.Errors), errors);
    }

    /// <summary>A pointer as a URI fragment: what may not stand in one is percent-encoded.</summary>
    private static string Pointer(FieldPath path)
    {
        var pointer = new StringBuilder("#");
        foreach (var segment in path.Segments)
        {
            var escaped = segment.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
            pointer.Append('/').Append(Uri.EscapeDataString(escaped));
        }

        return pointer.ToString();
    }
}

/// <summary>One message of a problem.</summary>
/// <param name="Detail">The message.</param>
/// <param name="Pointer">A JSON pointer to the value, as a URI fragment.</param>
/// <param name="Field">The field, with dots.</param>
/// <param name="Rule">The rule that failed; null when it is not known.</param>
[SuppressMessage("Naming", "CA1720", Justification = "A JSON pointer is called so by RFC 6901.")]
public sealed record ValidationProblemError(string Detail, string Pointer, string Field, string? Rule);
