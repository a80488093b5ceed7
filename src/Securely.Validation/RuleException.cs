namespace Securely.Validation;

/// <summary>A rule that cannot be read: its name is unknown, or a parameter is missing or malformed. A fault of the rules, never of the data.</summary>
public sealed class RuleException : ArgumentException
{
    /// <summary>A fault without a text.</summary>
    public RuleException()
    {
    }

    /// <summary>A fault that names the rule in brackets.</summary>
    public RuleException(string message)
        : base(message)
    {
    }

    /// <summary>A fault with its cause.</summary>
    public RuleException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The field whose rules have the fault; null when it is not known.</summary>
    public string? Field { get; init; }
}
