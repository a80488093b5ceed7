using Securely.Testing;
using Securely.Validation;

namespace Securely.Components.Tests.Validation;

/// <summary>The short way of reading frequent dates says what the long one says.</summary>
public sealed class IsoDateTests
{
    [Theory]
    [InlineData("2025-03-15")]
    [InlineData("2024-02-29")]
    [InlineData("2025-03-30 02:30:00")]
    [InlineData("2025-10-26 02:30:00")]
    [InlineData("2025-10-26T23:59:59")]
    [InlineData("0001-01-01")]
    [InlineData("9999-12-31 00:00:00")]
    public void Says_what_the_scanner_says(string text)
    {
        var options = new ValidatorOptions { Zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Vienna"), Time = new ManualTimeProvider() };
        Assert.True(DateReader.TryRead(text, options, out var read));
        Assert.True(IsoDate.TryRead(text, out _));
        Assert.Equal(DateReader.Resolve(DateScanner.Read(text)!, options), read);
    }

    [Theory]
    [InlineData("2025-02-29")]
    [InlineData("2025-13-01")]
    [InlineData("2025-3-15")]
    [InlineData("2025/03/15")]
    [InlineData("2025-03-15 24:00:00")]
    [InlineData("2025-03-15 12:60:00")]
    [InlineData("2025-03-15x12:34:56")]
    [InlineData("2025-03-15 12-34:56")]
    [InlineData("２０２５-03-15")]
    public void Leaves_other_forms_to_the_scanner(string text) => Assert.False(IsoDate.TryRead(text, out _));
}
