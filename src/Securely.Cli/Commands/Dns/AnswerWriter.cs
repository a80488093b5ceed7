using System.Text.Json;
using Securely.Dns;
using Securely.Dns.Records;

namespace Securely.Cli;

/// <summary>Shows what a name server has answered.</summary>
internal static class AnswerWriter
{
    public static void Write(DnsMessage answer, Output output)
    {
        output.WriteLine($"{output.Paint.Name(ResponseCodeText.NameOf(answer.Code))} {string.Join(' ', Flags(answer))}".TrimEnd());
        WriteSection("Answer", answer.Answers, output);
        WriteSection("Authority", answer.Authorities, output);
        WriteSection("Additional", answer.Additionals, output);
    }

    /// <summary>What was decided on the way, then the answer.</summary>
    public static void WriteTrace(IReadOnlyList<DnsDecision> steps, DnsMessage? answer, Output output)
    {
        foreach (var step in steps)
            output.WriteLine($"{output.Paint.Name(step.Stage.PadRight(7))}  {step.Text}");
        if (answer is null)
            return;
        output.WriteLine();
        Write(answer, output);
    }

    /// <summary>The answer with what was decided on the way; without an answer that alone.</summary>
    public static void WriteJson(DnsMessage? answer, Utf8JsonWriter json, IReadOnlyList<DnsDecision> steps)
    {
        json.WriteStartObject();
        json.WriteStartArray("trace");
        foreach (var step in steps)
        {
            json.WriteStartObject();
            json.WriteString("stage", step.Stage);
            json.WriteString("text", step.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (answer is not null)
            WriteMembers(answer, json);
        json.WriteEndObject();
    }

    public static void WriteJson(DnsMessage answer, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteMembers(answer, json);
        json.WriteEndObject();
    }

    private static void WriteMembers(DnsMessage answer, Utf8JsonWriter json)
    {
        json.WriteString("code", ResponseCodeText.NameOf(answer.Code));
        json.WriteStartArray("flags");
        foreach (var flag in Flags(answer))
            json.WriteStringValue(flag);
        json.WriteEndArray();
        WriteJson("answer", answer.Answers, json);
        WriteJson("authority", answer.Authorities, json);
        WriteJson("additional", answer.Additionals, json);
    }

    private static void WriteSection(string title, IReadOnlyList<ResourceRecord> records, Output output)
    {
        if (records.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine(output.Paint.Heading(title + ":"));
        foreach (var record in records)
            output.WriteLine("  " + record);
    }

    private static void WriteJson(string name, IReadOnlyList<ResourceRecord> records, Utf8JsonWriter json)
    {
        json.WriteStartArray(name);
        foreach (var record in records)
        {
            json.WriteStartObject();
            json.WriteString("name", record.Name.ToString());
            json.WriteNumber("ttl", record.Ttl);
            json.WriteString("type", ResourceRecord.TypeName(record.Type));
            json.WriteString("data", record.DataText);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static IEnumerable<string> Flags(DnsMessage answer)
    {
        if (answer.IsAuthoritative)
            yield return "aa";
        if (answer.IsTruncated)
            yield return "tc";
        if (answer.RecursionDesired)
            yield return "rd";
        if (answer.RecursionAvailable)
            yield return "ra";
        if (answer.IsAuthentic)
            yield return "ad";
    }
}
