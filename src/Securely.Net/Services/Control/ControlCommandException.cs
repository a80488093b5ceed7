namespace Securely.Net;

/// <summary>A command refuses a request; its message is sent to the caller, so it names the thing and the way out.</summary>
/// <param name="message">What is wrong, as a sentence without a full stop.</param>
/// <param name="code">What a program may compare. Default: <c>refused</c>.</param>
public sealed class ControlCommandException(string message, string code = "refused") : Exception(message)
{
    /// <summary>What a program may compare, in snake case.</summary>
    public string Code { get; } = code;
}
