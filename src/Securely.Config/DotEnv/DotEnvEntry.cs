namespace Securely.Config;

/// <summary>One variable of a dotenv file, and where in the text it stands, so that it can be edited without touching anything else.</summary>
/// <param name="Name">The name, without quotes and without <c>export</c>.</param>
/// <param name="Value">The value, unquoted and with <c>${NAME}</c> replaced; null for a name without <c>=</c>.</param>
/// <param name="IsQuoted">Whether the value stands in quotes.</param>
/// <param name="Origin">Where the line starts.</param>
/// <param name="Line">All that belongs to the variable in the text, its comment included, the end of its last line not.</param>
/// <param name="Written">The value in the text as it is written, quotes included and comment not; empty behind a bare <c>=</c>.</param>
public sealed record DotEnvEntry(string Name, string? Value, bool IsQuoted, ConfigOrigin Origin, Range Line, Range Written);
