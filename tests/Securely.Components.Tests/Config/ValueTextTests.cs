using Securely.Config;

namespace Securely.Components.Tests.Config;

public sealed class ValueTextTests
{
    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("1s", 1_000)]
    [InlineData("5m", 300_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    public void Reads_durations(string text, long milliseconds)
    {
        Assert.True(DurationText.TryParse(text, out var duration, out var error), error);
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("", "[] is not a duration; write a whole number and a unit, as in [250ms], [1s], [5m] or [2h]")]
    [InlineData("soon", "[soon] is not a duration; write a whole number and a unit, as in [250ms], [1s], [5m] or [2h]")]
    [InlineData("-1s", "[-1s] is not a duration; write a whole number and a unit, as in [250ms], [1s], [5m] or [2h]")]
    [InlineData("30", "duration [30] has no unit; write [30s] for seconds or [30ms] for milliseconds")]
    [InlineData("1.5s", "duration [1.5s] is not a whole number with one of the units [ms], [s], [m], [h]; write it as in [250ms] or [90s]")]
    [InlineData("5 s", "duration [5 s] is not a whole number with one of the units [ms], [s], [m], [h]; write it as in [250ms] or [90s]")]
    [InlineData("5S", "duration [5S] is not a whole number with one of the units [ms], [s], [m], [h]; write it as in [250ms] or [90s]")]
    [InlineData("9223372036854775807s", "duration [9223372036854775807s] is too large")]
    [InlineData("99999999999999999999ms", "duration [99999999999999999999ms] is too large")]
    public void Says_what_is_wrong_with_a_duration(string text, string expected)
    {
        Assert.False(DurationText.TryParse(text, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("8192", 8192)]
    [InlineData("0", 0)]
    [InlineData("1B", 1)]
    [InlineData("64KiB", 65_536)]
    [InlineData("10MiB", 10_485_760)]
    [InlineData("2GiB", 2_147_483_648)]
    public void Reads_sizes(string text, long expected)
    {
        Assert.True(SizeText.TryParse(text, out var bytes, out var error), error);
        Assert.Equal(expected, bytes);
    }

    [Theory]
    [InlineData("", "[] is not a size; write a whole number of bytes or one with a unit, as in [8192], [64KiB] or [10MiB]")]
    [InlineData("64KB", "size [64KB] is not a whole number with one of the units [B], [KiB], [MiB], [GiB]; write [64KiB]")]
    [InlineData("1m", "size [1m] is not a whole number with one of the units [B], [KiB], [MiB], [GiB]; write [1MiB]")]
    [InlineData("3x", "size [3x] is not a whole number with one of the units [B], [KiB], [MiB], [GiB]; write it as in [64KiB]")]
    [InlineData("9999999999GiB", "size [9999999999GiB] is too large")]
    public void Says_what_is_wrong_with_a_size(string text, string expected)
    {
        Assert.False(SizeText.TryParse(text, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("100/s", 100, 1)]
    [InlineData("1000/m", 1000, 60)]
    [InlineData("5/h", 5, 3600)]
    public void Reads_rates(string text, long count, int seconds)
    {
        Assert.True(RateText.TryParse(text, out var rate, out var error), error);
        Assert.Equal(new ConfigRate(count, TimeSpan.FromSeconds(seconds)), rate);
        Assert.Equal(text, RateText.Format(rate));
    }

    [Theory]
    [InlineData("many", "[many] is not a rate; write a whole number and a time, as in [100/s] or [1000/m]")]
    [InlineData("100", "rate [100] has no time; write [100/s] for each second or [100/m] for each minute")]
    [InlineData("100/d", "rate [100/d] is not a whole number with one of the times [/s], [/m], [/h]; write it as in [100/s]")]
    [InlineData("0/m", "rate [0/m] lets nothing through; write at least [1/m]")]
    public void Says_what_is_wrong_with_a_rate(string text, string expected)
    {
        Assert.False(RateText.TryParse(text, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("500/s", 500)]
    [InlineData("1KiB/s", 1_024)]
    [InlineData("3MiB/s", 3_145_728)]
    public void Reads_sizes_in_each_second(string text, long expected)
    {
        Assert.True(SizeRateText.TryParse(text, out var rate, out var error), error);
        Assert.Equal(expected, rate);
        Assert.Equal(text, SizeRateText.Format(rate));
    }

    [Theory]
    [InlineData("fast", "[fast] is not a size in each second; write a size and the time, as in [1KiB/s] or [500B/s]")]
    [InlineData("1KiB", "rate [1KiB] has no time; write [1KiB/s] for each second")]
    [InlineData("1KiB/m", "[1KiB/m] is not a size in each second; write a size and the time, as in [1KiB/s] or [500B/s]")]
    [InlineData("1KB/s", "size [1KB] is not a whole number with one of the units [B], [KiB], [MiB], [GiB]; write [1KiB]")]
    [InlineData("/s", "[] is not a size; write a whole number of bytes or one with a unit, as in [8192], [64KiB] or [10MiB]")]
    public void Says_what_is_wrong_with_a_size_in_each_second(string text, string expected)
    {
        Assert.False(SizeRateText.TryParse(text, out _, out var error));
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(90_000, "90s")]
    [InlineData(1_500, "1500ms")]
    [InlineData(7_200_000, "2h")]
    public void Writes_durations_in_the_largest_unit_that_divides_them(long milliseconds, string expected) =>
        Assert.Equal(expected, DurationText.Format(TimeSpan.FromMilliseconds(milliseconds)));

    [Theory]
    [InlineData("1", true, 1)]
    [InlineData("-12", true, -12)]
    [InlineData("0", true, 0)]
    [InlineData("010", false, 0)]
    [InlineData("+1", false, 0)]
    [InlineData("0x10", false, 0)]
    [InlineData("1_000", false, 0)]
    [InlineData("1.0", false, 0)]
    [InlineData(" 1", false, 0)]
    public void Reads_only_plain_decimal_numbers(string text, bool read, long expected)
    {
        Assert.Equal(read, ConfigValue.FromText(text, ConfigOrigin.Code).TryGetInteger(out var number));
        if (read)
            Assert.Equal(expected, number);
    }

    [Theory]
    [InlineData("true", false, true, true)]
    [InlineData("false", false, true, false)]
    [InlineData("true", true, false, false)]
    [InlineData("True", false, false, false)]
    [InlineData("yes", false, false, false)]
    [InlineData("1", false, false, false)]
    public void Reads_only_true_and_false(string text, bool quoted, bool read, bool expected)
    {
        Assert.Equal(read, ConfigValue.FromText(text, ConfigOrigin.Code, quoted).TryGetBoolean(out var value));
        Assert.Equal(expected, value);
    }
}
