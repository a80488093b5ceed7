using System.Text;
using System.Text.Json;
using Securely.Validation;

namespace Securely.Components.Tests.Validation;

/// <summary>Hostile data ends in a failure, in work that its size bounds. What would hang or run out of memory fails these tests by never ending.</summary>
public sealed class AttackTests
{
    private const int TenMebi = 10 * 1024 * 1024;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/^(a+)+$/")]
    [InlineData("/^(a|aa)+$/")]
    [InlineData("/^([a-z]+)*=$/")]
    [InlineData("/^(?=(a+)+$)b/")]
    [InlineData(@"/^(a+)\1+b$/")]
    public async Task Bounds_regular_expressions(string pattern)
    {
        var text = new string('a', 5_000) + "!";
        Assert.False(await Judge.PassesAsync(["regex:" + pattern], text));
    }

    [Fact]
    public async Task Fails_both_ways_what_could_not_be_judged()
    {
        var options = new ValidatorOptions { PatternTimeout = TimeSpan.FromMilliseconds(1) };
        var text = new string('a', 40) + "!";
        Assert.False(await Judge.Of([@"regex:/^(?=.)(a+)+\1$/"], text, options).PassesAsync(Token));
        Assert.False(await Judge.Of([@"not_regex:/^(?=.)(a+)+\1$/"], text, options).PassesAsync(Token));
    }

    [Fact]
    public async Task Judges_values_of_ten_mebibytes()
    {
        var digits = new string('9', TenMebi);
        var rules = new RuleSet
        {
            ["field"] = "numeric|integer|between:1,5|multiple_of:7|decimal:0|digits:5|email|url|ip|uuid|json|date|after:today|timezone|hex_color|mac_address|base64",
        };
        var validator = new Validator(Judge.Form(("field", digits)), rules, Judge.Options);
        Assert.False(await validator.PassesAsync(Token));
        Assert.Contains(validator.Failures["field"], failure => failure.Name == "between");
        Assert.True(await Judge.PassesAsync($"numeric|max:{digits}0", digits));
        Assert.False(await Judge.PassesAsync("email|email:filter|email:spoof", new string('a', TenMebi) + "@example.com"));
    }

    [Theory]
    [InlineData("1e999999999")]
    [InlineData("1e-999999999")]
    [InlineData("1e99999999999999999999")]
    public async Task Refuses_exponents_beyond_reason(string number)
    {
        Assert.False(await Judge.PassesAsync("numeric|max:5", number));
        Assert.False(await Judge.PassesAsync("numeric|gt:1", number));
        Assert.False(await Judge.PassesAsync("multiple_of:3", number));
    }

    [Fact]
    public async Task Limits_what_a_wildcard_finds()
    {
        var row = FieldValue.List([.. Enumerable.Repeat((FieldValue)1, 1_000)]);
        var data = Judge.Form(("rows", FieldValue.List([.. Enumerable.Repeat(row, 1_000)])));
        var validator = new Validator(data, new RuleSet { ["rows.*.*"] = "string" });
        Assert.False(await validator.PassesAsync(Token));
        Assert.Equal(["too_many_fields"], validator.Failures["rows"].Select(failure => failure.Name));
        Assert.True(validator.Errors.Keys.Count <= 10_001);
    }

    [Fact]
    public async Task Counts_duplicates_and_exclusions_in_one_walk()
    {
        var items = FieldValue.List([.. Enumerable.Range(0, 10_000).Select(i => Judge.Form(("id", i), ("skip", "1")))]);
        var rules = new RuleSet { ["items.*.id"] = "distinct|exclude_if:items.*.skip,1", ["items.*.skip"] = "required" };
        var valid = await new Validator(Judge.Form(("items", items)), rules).ValidateAsync(Token);
        Assert.Equal(10_000, valid.Get("items").Count);
        Assert.True(valid.Get("items.9999.id").IsNull);
    }

    [Fact]
    public void Refuses_data_that_is_nested_too_deep()
    {
        object? value = 1;
        for (var i = 0; i < 100_000; i++)
            value = new[] { value };
        Assert.Throws<ArgumentException>(() => FieldValue.From(value));
        using var document = JsonDocument.Parse(new string('[', 200) + new string(']', 200), new JsonDocumentOptions { MaxDepth = 1_000 });
        Assert.Throws<ArgumentException>(() => FieldValue.FromJson(document.RootElement));
    }

    [Fact]
    public async Task Judges_json_that_is_nested_too_deep()
    {
        Assert.True(await Judge.PassesAsync("json", new string('[', 511) + new string(']', 511)));
        foreach (var depth in (int[])[512, 100_000])
            Assert.False(await Judge.PassesAsync("json", new string('[', depth) + new string(']', depth)));
    }

    [Fact]
    public async Task Survives_halves_of_letters_and_zero_bytes()
    {
        foreach (var text in (string[])["\ud800", "a\ud800b", "\udc00\ud800", "a\0b", "\uffff"])
        {
            foreach (var rule in RuleRegistry.BuiltIn.Names.Except(["exists", "unique", "active_url"]))
            {
                var parameters = rule is "regex" or "not_regex" ? ":/a/u" : rule is "encoding" ? ":UTF-8" : rule is "dimensions" ? ":width=1"
                    : rule is "timezone" or "email" or "uuid" ? "" : ":1,2";
                await Judge.PassesAsync([rule + parameters], text);
            }
        }
    }

    [Fact]
    public async Task Reads_images_that_lie_about_their_size()
    {
        byte[] jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF, 0, 0];
        byte[] bmp = [.. "BM"u8, .. new byte[12], 40, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0x80];
        foreach (var content in (byte[][])[jpeg, bmp, [], [0x89], [.. Encoding.ASCII.GetBytes("GIF89a")], [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBPVP8X"u8]])
            Assert.False(await Judge.PassesAsync("dimensions:min_width=1", new Upload("a.jpg", content)));
    }
}
