namespace Securely.Testing;

/// <summary>One header line as it stood on the wire.</summary>
/// <param name="Name">The name, in the case it had.</param>
/// <param name="Value">The value, without the white space around it.</param>
public sealed record RawHeader(string Name, string Value);
