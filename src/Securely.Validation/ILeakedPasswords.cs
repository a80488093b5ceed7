namespace Securely.Validation;

/// <summary>Knows how often a password appeared in published leaks; for <see cref="PasswordRule.Uncompromised"/>. Must be thread-safe.</summary>
public interface ILeakedPasswords
{
    /// <summary>How often it appeared; 0 when it never did.</summary>
    ValueTask<long> CountAsync(string password, CancellationToken cancellationToken);
}
