using System.Text;
using Securely.Config;
using Securely.Testing;

namespace Securely.Components.Tests.Config;

public sealed class DotEnvReaderTests
{
    [Theory]
    [InlineData("A=b", "b")]
    [InlineData(" export ABC = 'x y' # comment", "'x y'")]
    [InlineData("A=\"x \\\" y\"  # c", "\"x \\\" y\"")]
    [InlineData("A=b#c", "b")]
    [InlineData("A=", "")]
    [InlineData("A= # only a comment", "")]
    [InlineData("A=\"two\nlines\" # c", "\"two\nlines\"")]
    public void Says_where_the_value_stands(string text, string written)
    {
        var entry = Assert.Single(Read(text, out _));
        Assert.Equal(written, text[entry.Written]);
        Assert.Equal(text, text[entry.Line]);
    }

    [Theory]
    [InlineData("A=b c", ".env:1:5: A value with blanks needs quotes, as in [\"two words\"]")]
    [InlineData("X=1\nA='open", ".env:2:3: The quote that opens here is not closed")]
    [InlineData("A=\"open\nB=1", ".env:1:1: The double quote of this line is not closed; close it, or write the value in single quotes")]
    [InlineData("A=\"\\x\"", ".env:1:5: Escape [\\x] is not known in double quotes; write [\\\\] for a backslash, or use single quotes")]
    [InlineData("A-B=1", ".env:1:1: [A-B] is not a name; letters, digits, [_] and [.] may stand in one")]
    [InlineData("=1", ".env:1:1: A name is missing before [=]")]
    [InlineData("A=1\0B", ".env:1:1: The character [U+0000] may not stand in a dotenv file; is this another kind of file?")]
    public void Says_what_is_wrong_and_where(string text, string message)
    {
        Read(text, out var diagnostics);
        Assert.Equal(message, diagnostics.ToString());
    }

    [Fact]
    public void Variables_of_the_process_win_in_references()
    {
        var entries = DotEnvReader.Read("A=file\nB=\"${A} ${C} \\${A}\"", ".env", new ConfigDiagnostics(), name => name == "A" ? "process" : null);
        Assert.Equal("process ${C} ${A}", entries[1].Value);
    }

    [Fact]
    public void What_a_reference_brings_is_not_looked_at_again() =>
        Assert.Equal("$${B}", DotEnvReader.Parse("B='$'\nA=\"${B}\\${B}\"")["A"]);

    [Fact]
    public void Refuses_a_file_that_is_not_text_or_too_large()
    {
        using var directory = new TemporaryDirectory();
        var bad = directory.File("bad.env");
        File.WriteAllBytes(bad, [(byte)'A', (byte)'=', 0xC3, 0x28, (byte)'\n']);
        var large = directory.Write("large.env", "A=" + new string('x', 10 * 1024 * 1024));
        var diagnostics = new ConfigDiagnostics();
        Assert.Null(DotEnvReader.ReadFile(bad, diagnostics));
        Assert.Null(DotEnvReader.ReadFile(large, diagnostics));
        Assert.Null(DotEnvReader.ReadFile(directory.Path, diagnostics));
        Assert.Equal(
            [$"{bad}:1:3: [{bad}] is not valid UTF-8 here; save it in UTF-8", $"{large}:1:1: [{large}] is larger than 4MiB, the most that a configuration file may have",
                $"{directory.Path}:1:1: [{directory.Path}] is a directory, not a file"],
            diagnostics.Items.Select(item => item.ToString()));
    }

    [Fact]
    public void Many_quotes_and_references_take_no_more_time_than_they_are_long()
    {
        var text = new StringBuilder("A=\"");
        for (var i = 0; i < 20_000; i++)
            text.Append("${X}$ \\\" ");
        var entries = Read(text.Append('"').ToString(), out var diagnostics);
        Assert.False(diagnostics.HasErrors);
        Assert.Single(entries);
    }

    private static IReadOnlyList<DotEnvEntry> Read(string text, out ConfigDiagnostics diagnostics) => DotEnvReader.Read(text, ".env", diagnostics = new ConfigDiagnostics());
}
