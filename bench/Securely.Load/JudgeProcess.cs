using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Securely.Validation;

namespace Securely.Load;

/// <summary>Judges one form again and again, and writes the microseconds of CPU time that one takes; the counterpart of <c>validating.php</c>.</summary>
internal static class JudgeProcess
{
    private const int Portion = 1000;

    public static async Task<int> RunAsync(Options options)
    {
        using var form = JsonDocument.Parse(await File.ReadAllBytesAsync(options.Text("form")));
        var seconds = options.Number("seconds", 2);
        var rules = new RuleSet();
        foreach (var field in form.RootElement.GetProperty("rules").EnumerateObject())
            rules[field.Name] = field.Value.GetString()!;
        var data = FieldValue.FromJson(form.RootElement.GetProperty("data"));
        await JudgeAsync(data, rules, TimeSpan.FromSeconds(seconds));
        var microseconds = await JudgeAsync(data, rules, TimeSpan.FromSeconds(seconds));
        Console.WriteLine(microseconds.ToString("F2", CultureInfo.InvariantCulture));
        return 0;
    }

    private static async Task<double> JudgeAsync(FieldValue data, RuleSet rules, TimeSpan howLong)
    {
        using var process = Process.GetCurrentProcess();
        var start = process.TotalProcessorTime;
        var count = 0L;
        while (true)
        {
            for (var i = 0; i < Portion; i++, count++)
            {
                if (!await new Validator(data, rules).PassesAsync())
                    throw new InvalidOperationException("The form does not pass");
            }

            process.Refresh();
            if (process.TotalProcessorTime - start is var used && used >= howLong)
                return used.TotalMicroseconds / count;
        }
    }
}
