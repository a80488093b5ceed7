namespace Securely.Encrypt;

/// <summary>Something encrypted cannot be read. The message never repeats a key or any of the contents.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="failure">The kind of it.</param>
public sealed class DecryptException(string message, DecryptFailure failure) : Exception(message)
{
    /// <summary>The kind of it, for programs.</summary>
    public DecryptFailure Failure { get; } = failure;

    internal static DecryptException Malformed(string what) => new($"The payload is malformed: {what}", DecryptFailure.Malformed);

    internal static DecryptException NotAuthentic() =>
        new("The payload cannot be decrypted: it was made with another key, or changed since", DecryptFailure.NotAuthentic);
}

/// <summary>Why something encrypted cannot be read.</summary>
public enum DecryptFailure
{
    /// <summary>It does not have the shape of something encrypted with this cipher.</summary>
    Malformed,

    /// <summary>No key of the ring made it, or it was changed since.</summary>
    NotAuthentic,

    /// <summary>It is authentic, but its contents are not what was asked for: not UTF-8, not a serialised value.</summary>
    WrongContents,
}
