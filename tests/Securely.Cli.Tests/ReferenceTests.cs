using Securely.Testing;

namespace Securely.Cli.Tests;

public sealed class ReferenceTests
{
    [Fact]
    public void The_page_of_commands_is_fresh()
    {
        var root = new SecurelyApplication(new Output(TextWriter.Null, TextWriter.Null), CliRun.Environment()).BuildRoot();

        Golden.Matches(Path.Combine("..", "..", "docs", "cli.md"), CommandReference.Write(root));
    }
}
