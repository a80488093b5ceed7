namespace Securely.Cli.Tests;

public sealed class HelpTests
{
    public static TheoryData<string> Names => [.. Root().Subcommands.Select(command => command.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_command_says_what_it_does_in_one_line(string name)
    {
        var command = Find(name);

        Assert.False(string.IsNullOrWhiteSpace(command.Description));
        Assert.True(char.IsUpper(command.Description[0]), command.Description);
        Assert.False(command.Description.EndsWith('.'), command.Description);
        Assert.InRange(command.Description.Length, 8, 72);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_command_shows_an_example_that_the_parser_accepts(string name)
    {
        var examples = Find(name).Examples;

        Assert.NotEmpty(examples);
        var own = examples.Where(example => example.CommandLine.StartsWith("securely " + name, StringComparison.Ordinal)).ToList();
        foreach (var example in own)
        {
            Assert.DoesNotContain('\'', example.CommandLine);
            var line = example.CommandLine["securely ".Length..].Split(['|', '>', '&'])[0];
            Assert.Empty(Root().Parse(line, CommandLine.Parsing).Errors);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_option_and_argument_is_described(string name)
    {
        var command = Find(name);

        Assert.All(command.Options, option => Assert.False(string.IsNullOrWhiteSpace(option.Description), option.Name));
        Assert.All(command.Arguments, argument => Assert.False(string.IsNullOrWhiteSpace(argument.Description), argument.Name));
    }

    [Theory]
    [InlineData("serve", "--help")]
    [InlineData("serve", "-h")]
    [InlineData("--help", "serve")]
    [InlineData("help", "serve")]
    [InlineData("serve", "--no-such-option", "--help")]
    public async Task Help_of_a_command_can_be_asked_for_in_every_way(params string[] arguments)
    {
        var run = await CliRun.RunAsync(arguments);

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains("securely serve [OPTIONS]", run.Output, StringComparison.Ordinal);
        Assert.Contains("Examples:", run.Output, StringComparison.Ordinal);
        Assert.Equal("", run.Error);
    }

    [Theory]
    [InlineData]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("help")]
    public async Task Help_of_the_program_is_the_list(params string[] arguments)
    {
        var list = await CliRun.RunAsync("list");

        var run = await CliRun.RunAsync(arguments);

        Assert.Equal(list, run);
    }

    [Fact]
    public void Wraps_descriptions_under_their_column_on_a_narrow_terminal()
    {
        var standard = new StringWriter { NewLine = "\n" };
        var table = new Table();
        table.Add("name", "one two three four five six seven eight nine ten");
        table.Add("no-text", "");

        table.Write(new Output(standard, TextWriter.Null) { Width = 40 });

        Assert.Equal(
            """
              name     one two three four five six
                       seven eight nine ten
              no-text

            """,
            standard.ToString(), ignoreLineEndingDifferences: true);
    }

    private static System.CommandLine.RootCommand Root() =>
        new SecurelyApplication(new Output(TextWriter.Null, TextWriter.Null), CliRun.Environment()).BuildRoot();

    private static DocumentedCommand Find(string name) =>
        Assert.IsType<DocumentedCommand>(Root().Subcommands.Single(command => command.Name == name));
}
