using Securely.Fuzz.Tests.Cases;
using Securely.Fuzz.Tests.Reference;

namespace Securely.Fuzz.Tests.Running;

/// <summary>Finds what two readings of a message disagree about.</summary>
internal static class Comparison
{
    /// <summary>The disagreement in words; null when there is none.</summary>
    /// <param name="one">The message.</param>
    /// <param name="parser">The reference.</param>
    /// <param name="expected">What the reference read.</param>
    /// <param name="actual">What the subject read.</param>
    public static string? Find(FuzzCase one, PlainParser parser, PlainReading expected, PlainReading actual) => expected.Verdict switch
    {
        Verdict.Unfinished when actual.Verdict == Verdict.Refused => FindInRefusal(End(one).Read(parser), actual),
        Verdict.Refused => FindInRefusal(expected, actual),
        _ when expected.Verdict != actual.Verdict => Disagree("verdict", expected.Verdict, Show(actual)),
        Verdict.Accepted => FindInAccepted(expected, actual),
        _ => FindInUnfinished(expected, actual),
    };

    /// <summary>
    /// What is not finished may be refused early only where it is lost whatever follows, so also when two line ends follow.
    /// </summary>
    private static FuzzCase End(FuzzCase one) => one with { Bytes = [.. one.Bytes, .. "\r\n\r\n"u8] };

    private static string? FindInRefusal(PlainReading expected, PlainReading actual)
    {
        if (expected.Verdict != Verdict.Refused)
            return Disagree("verdict", "not refused, for it may go on", Show(actual));
        return actual.Verdict == Verdict.Refused && expected.Statuses.Contains(actual.Statuses[0])
            ? null
            : Disagree("refusal", Show(expected), Show(actual));
    }

    private static string? FindInUnfinished(PlainReading expected, PlainReading actual) =>
        (expected, actual) is (PlainBody one, PlainBody other) ? Bytes("data so far", [.. one.Data], [.. other.Data]) : null;

    private static string? FindInAccepted(PlainReading expected, PlainReading actual)
    {
        string? difference = Value("length on the wire", expected.Consumed, actual.Consumed) ?? FindInFields(expected, actual);
        return difference ?? (expected, actual) switch
        {
            (PlainHead one, PlainHead other) => FindInStart(one, other) ?? FindInFraming(one, other),
            (PlainBody one, PlainBody other) => Bytes("data", [.. one.Data], [.. other.Data]),
            _ => Disagree("kind", expected.GetType().Name, actual.GetType().Name),
        };
    }

    private static string? FindInFields(PlainReading expected, PlainReading actual)
    {
        for (int index = 0; index < Math.Min(expected.Fields.Count, actual.Fields.Count); index++)
        {
            var (one, other) = (expected.Fields[index], actual.Fields[index]);
            string? difference = Bytes($"name of field {index}", one.Name, other.Name) ?? Bytes($"value of field {index}", one.Value, other.Value);
            if (difference is not null)
                return difference;
        }

        return Value("number of fields", expected.Fields.Count, actual.Fields.Count);
    }

    private static string? FindInStart(PlainHead expected, PlainHead actual) =>
        Bytes("method", expected.Method, actual.Method)
        ?? Bytes("target", expected.Target, actual.Target)
        ?? Bytes("path", expected.Path, actual.Path)
        ?? Bytes("query", expected.Query, actual.Query)
        ?? Bytes("host", expected.Host, actual.Host)
        ?? Bytes("reason", expected.Reason, actual.Reason)
        ?? Value("status", expected.StatusCode, actual.StatusCode)
        ?? Value("minor version", expected.MinorVersion, actual.MinorVersion);

    private static string? FindInFraming(PlainHead expected, PlainHead actual) =>
        Value("end of the body", expected.Body, actual.Body)
        ?? Value("length of the body", expected.BodyLength, actual.BodyLength)
        ?? Value("keep-alive", expected.KeepAlive, actual.KeepAlive)
        ?? Value("seconds of keep-alive", expected.KeepAliveSeconds, actual.KeepAliveSeconds)
        ?? Value("wait for 100", expected.ExpectsContinue, actual.ExpectsContinue)
        ?? Value("upgrade", expected.Upgrade, actual.Upgrade);

    private static string? Value<T>(string what, T expected, T actual)
        where T : struct => EqualityComparer<T>.Default.Equals(expected, actual) ? null : Disagree(what, expected, actual);

    private static string? Bytes(string what, byte[] expected, byte[] actual) =>
        expected.AsSpan().SequenceEqual(actual) ? null : Disagree(what, Escapes.Write(expected), Escapes.Write(actual));

    private static string Show(PlainReading reading) =>
        reading.Verdict == Verdict.Refused ? $"refused with {string.Join(" or ", reading.Statuses)} ({reading.Problem})" : $"{reading.Verdict}";

    private static string Disagree(string what, object expected, object actual) => $"{what}: reference [{expected}], parser [{actual}]";
}
