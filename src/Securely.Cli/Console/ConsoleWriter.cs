using System.Text;
using Securely.Config;

namespace Securely.Cli;

/// <summary>A stream of the console, which may lead to a full disk. That of results says so; that of errors drops what it cannot say.</summary>
/// <param name="inner">The console's own.</param>
/// <param name="name">What a message calls it; null drops what cannot be written.</param>
internal sealed class ConsoleWriter(TextWriter inner, string? name) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Guard(() => inner.Write(value));

    public override void Write(string? value) => Guard(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Guard(() => inner.Write(buffer, index, count));

    public override void WriteLine() => Guard(inner.WriteLine);

    public override void WriteLine(string? value) => Guard(() => inner.WriteLine(value));

    public override void Flush() => Guard(inner.Flush);

    private void Guard(Action write)
    {
        try
        {
            write();
        }
        catch (IOException error)
        {
            if (name is not null)
                throw new CliException($"{name} cannot be written: {FailureText.Of(error)}");
        }
        catch (UnauthorizedAccessException)
        {
            // What the runtime makes of a descriptor that whoever started the program has closed.
            if (name is not null)
                throw new CliException($"{name} cannot be written: it is closed");
        }
    }
}
