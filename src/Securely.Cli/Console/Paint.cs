namespace Securely.Cli;

/// <summary>Colours for one output stream; every method returns its text unchanged where colour is off.</summary>
internal readonly record struct Paint(bool IsOn)
{
    public string Heading(string text) => Wrap("33", text);

    public string Name(string text) => Wrap("32", text);

    public string Failure(string text) => Wrap("31", text);

    public string Warning(string text) => Wrap("33", text);

    public string Address(string text) => Wrap("36", text);

    private string Wrap(string code, string text) => IsOn ? $"\e[{code}m{text}\e[0m" : text;
}
