namespace Securely.Validation;

/// <summary>Data did not pass; <see cref="Errors"/> says what and why.</summary>
public sealed class ValidationException : Exception
{
    /// <summary>A failure without details.</summary>
    public ValidationException()
        : this("The data is not valid")
    {
    }

    /// <summary>A failure with a text only.</summary>
    public ValidationException(string message)
        : base(message) => Errors = new ErrorBag();

    /// <summary>A failure with its cause.</summary>
    public ValidationException(string message, Exception innerException)
        : base(message, innerException) => Errors = new ErrorBag();

    /// <summary>The failure of a validator.</summary>
    public ValidationException(Validator validator)
        : base(Summary(validator))
    {
        Errors = validator.Errors;
        Problem = validator.ToProblem();
    }

    /// <summary>The messages by field.</summary>
    public ErrorBag Errors { get; }

    /// <summary>The failure as an RFC 9457 document; null when it did not come from a validator.</summary>
    public ValidationProblem? Problem { get; }

    /// <summary>The HTTP status that fits: 422.</summary>
    public int Status => ValidationProblem.UnprocessableContent;

    private static string Summary(Validator validator)
    {
        ArgumentNullException.ThrowIfNull(validator);
        return validator.Options.Catalog.Summary(validator.Errors);
    }
}
