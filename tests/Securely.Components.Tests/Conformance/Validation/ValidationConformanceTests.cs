using System.Text;
using System.Text.Json;

namespace Securely.Components.Tests.Conformance.Validation;

/// <summary>Every recorded validation of Laravel 13 comes to the same end here.</summary>
public sealed class ValidationConformanceTests
{
    private const int Shown = 15;
    private const double Bar = 0.95;

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(RecordedCases.Folder("laravel"), "validation.*.json").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    [Theory]
    [Trait("Category", "Conformance")]
    [MemberData(nameof(Files))]
    public async Task Comes_to_the_same_end_as_recorded(string file)
    {
        using var document = RecordedCases.Laravel(file);
        var wrong = new StringBuilder();
        int right = 0, total = 0;
        foreach (var recorded in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            total++;
            var difference = await DifferenceAsync(recorded);
            if (difference is null)
                right++;
            else if (total - right <= Shown)
                wrong.Append('\n').Append(difference).Append(" in ").Append(recorded.GetRawText());
        }

        RecordedCases.Report(file, right, total);
        Assert.True(right >= total * Bar, $"{file}: {right} of {total} are right; wrong are{wrong}");
        if (wrong.Length > 0)
            Console.WriteLine(wrong.ToString());
    }

    private static async Task<string?> DifferenceAsync(JsonElement recorded)
    {
        try
        {
            return await ValidationCase.CompareAsync(recorded, TestContext.Current.CancellationToken);
        }
        catch (Exception failure) when (failure is FormatException or ArgumentException or InvalidCastException)
        {
            return "could not be run: " + failure.Message;
        }
    }
}
