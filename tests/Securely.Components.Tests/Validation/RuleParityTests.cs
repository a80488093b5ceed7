using Securely.Validation;

namespace Securely.Components.Tests.Validation;

/// <summary>Every rule passes something and fails something, and has a message in both languages.</summary>
public sealed class RuleParityTests
{
    [Theory]
    [InlineData("numeric", "1.5", "x")]
    [InlineData("decimal:2", "1.25", "1.2")]
    [InlineData("multiple_of:0.1", "0.7", "0.75")]
    [InlineData("digits:3", "123", "12")]
    [InlineData("min:3", "abc", "ab")]
    [InlineData("between:2,3", "żół", "z")]
    [InlineData("email", "ann@example.com", "ann@")]
    [InlineData("email:strict", "ann@example.com", "\"a b\"@example.com")]
    [InlineData("email:filter", "a.\"b.c\".d@example.com", "a.\"b\"c@example.com")]
    [InlineData("regex:/^\\w+$/u", "ä9_", "e\u0301")]
    [InlineData("regex:/^a\\W$/u", "a\u0301", "aé")]
    [InlineData("regex:/^e\\b/u", "e\u0301", "eé")]
    [InlineData("url", "https://example.com/ü?a=1#b", "example.com")]
    [InlineData("url:https", "https://example.com", "http://example.com")]
    [InlineData("ip", "2001:db8::1", "2001:db8::1::2")]
    [InlineData("ipv4", "192.0.2.1", "192.0.2.01")]
    [InlineData("uuid:4", "550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-11d4-a716-446655440000")]
    [InlineData("uuid:4", "550e8400e29b41d4a716446655440000", "550e8400e29b41d4a71644665544000")]
    [InlineData("uuid:8", "urn:uuid:{550e8400-e29b-81d4-a716-446655440000}", "550e8400-e29b-91d4-a716-446655440000")]
    [InlineData("ulid", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "81ARZ3NDEKTSV4RRFFQ69G5FAV")]
    [InlineData("json", "{\"a\":[1]}", "{'a':1}")]
    [InlineData("base64", "aGVsbG8=", "aGVsbG9=")]
    [InlineData("hex_color", "#ff8800", "#ff880")]
    [InlineData("mac_address", "00:1a:2b:3c:4d:5e", "00:1a:2b:3c:4d")]
    [InlineData("timezone:Europe", "Europe/Vienna", "Asia/Tokyo")]
    [InlineData("timezone:per_country,AT", "Europe/Vienna", "Europe/Berlin")]
    [InlineData("date", "29 February 2024", "29 February 2023")]
    [InlineData("date_format:d/m/Y", "31/12/2024", "2024-12-31")]
    [InlineData("after:tomorrow", "2025-03-17", "2025-03-15")]
    [InlineData("before_or_equal:2025-03-15", "2025-03-15", "2025-03-16")]
    [InlineData("in:\"a,b\",c", "a,b", "a")]
    [InlineData("not_regex:/^[a-z]+$/", "A1", "abc")]
    [InlineData("uppercase", "ÄÖ", "Äö")]
    [InlineData("encoding:ASCII", "abc", "ż")]
    public async Task Passes_the_one_and_fails_the_other(string rule, string passes, string fails)
    {
        Assert.True(await Judge.PassesAsync(rule, passes), $"{rule} should pass [{passes}]");
        Assert.False(await Judge.PassesAsync(rule, fails), $"{rule} should fail [{fails}]");
    }

    [Fact]
    public void Both_languages_have_the_same_messages() => Assert.Equal(MessageCatalog.English.Keys, MessageCatalog.German.Keys);

    [Fact]
    public void Every_rule_has_a_message()
    {
        string[] marks = ["bail", "nullable", "sometimes", "exclude", "exclude_if", "exclude_unless", "exclude_with", "exclude_without"];
        var missing = RuleRegistry.BuiltIn.Names.Except(marks).Where(rule =>
            MessageCatalog.English.Find(rule) is null && MessageCatalog.English.Find(rule, "string") is null);
        Assert.Empty(missing);
    }

    [Fact]
    public async Task Has_rules_for_files_by_their_bytes()
    {
        byte[] png = [0x89, .. "PNG\r\n\u001A\n"u8, 0, 0, 0, 13, .. "IHDR"u8, 0, 0, 0, 40, 0, 0, 0, 30, 8, 6, 0, 0, 0];
        FieldValue image = new Upload("photo.PNG", png, "text/plain");
        FieldValue script = new Upload("shell.php", png, "image/png");
        Assert.True(await Judge.PassesAsync("image|mimes:png|mimetypes:image/*|extensions:png", image));
        Assert.True(await Judge.PassesAsync("dimensions:min_width=40,max_height=30,ratio=4/3", image));
        Assert.False(await Judge.PassesAsync("dimensions:min_width=41", image));
        Assert.True(await Judge.PassesAsync([Rule.Dimensions().MinWidth(40).MaxHeight(30).Ratio(4 / 3.0).RatioBetween(1, 1.5)], image));
        Assert.False(await Judge.PassesAsync([Rule.Dimensions().Width(40).Height(31)], image));
        Assert.False(await Judge.PassesAsync([Rule.Dimensions().MaxRatio(1.2)], image));
        Assert.True(await Judge.PassesAsync([Rule.File().Max("2.5kb")], new Upload("a.bin", new byte[3 * 1024])));
        Assert.False(await Judge.PassesAsync([Rule.File().Max("2.5kb")], new Upload("a.bin", new byte[(3 * 1024) + 1])));
        Assert.False(await Judge.PassesAsync("image", script));
        Assert.False(await Judge.PassesAsync("image", new Upload("a.png", "GIF"u8.ToArray())));
        Assert.False(await Judge.PassesAsync("file", new Upload("a.png", png) { IsComplete = false }));
    }

    [Theory]
    [InlineData("csv", "name,mail\nAnn,ann@example.com\n\"Bee, B.\",bob@example.com\n")]
    [InlineData("csv", "a,b\r\n1,2\r\n3,4\r\n5,6\r\n")]
    [InlineData("txt", "a,b\n1,2\n")]
    [InlineData("txt", "a,b\n1,2\n3\n")]
    [InlineData("txt", "a\nb\nc\n")]
    [InlineData("ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")]
    [InlineData("json", "{\"a\":1,\n\"b\":2,\n\"c\":3}")]
    public async Task Tells_kinds_of_text(string extension, string content)
    {
        Assert.True(await Judge.PassesAsync("mimes:" + extension, new Upload("a.bin", System.Text.Encoding.UTF8.GetBytes(content))));
        Assert.False(await Judge.PassesAsync("mimes:pdf", new Upload("a.bin", System.Text.Encoding.UTF8.GetBytes(content))));
    }

    [Fact]
    public async Task Tells_containers_by_what_is_in_them()
    {
        byte[] page = [.. "OggS"u8, .. new byte[24]];
        Assert.True(await Judge.PassesAsync("mimes:mkv|mimetypes:video/x-matroska", Bytes([0x1A, 0x45, 0xDF, 0xA3, 0x93, 0x42, 0x82, 0x88, .. "matroska"u8])));
        Assert.True(await Judge.PassesAsync("mimes:webm", Bytes([0x1A, 0x45, 0xDF, 0xA3, 0x93, 0x42, 0x82, 0x84, .. "webm"u8])));
        Assert.True(await Judge.PassesAsync("mimetypes:video/ogg", Bytes([.. page, 0x80, .. "theora"u8])));
        Assert.True(await Judge.PassesAsync("mimetypes:audio/ogg", Bytes([.. page, 1, .. "vorbis"u8])));
        Assert.True(await Judge.PassesAsync("mimetypes:application/ogg", Bytes([.. page, .. "fishead"u8])));
        Assert.True(await Judge.PassesAsync("mimes:txt", Bytes([0xFF, 0xFE, (byte)'a', 0])));

        static FieldValue Bytes(byte[] content) => new Upload("a", content);
    }

    [Fact]
    public async Task A_moment_has_a_date_and_a_time()
    {
        Assert.True(await Judge.PassesAsync([Rule.DateTime()], "2025-03-15 12:34:56"));
        Assert.False(await Judge.PassesAsync([Rule.DateTime()], "2025-03-15"));
        Assert.False(await Judge.PassesAsync([Rule.DateTime().Before("2025-03-15 12:00:00")], "2025-03-15 12:34:56"));
    }
}
