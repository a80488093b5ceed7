namespace Securely.Settings;

/// <summary>A setting that cannot be read or changed. The message names it in brackets and says the way out; it never has a value.</summary>
/// <param name="message">What it is.</param>
public sealed class SettingsException(string message) : Exception(message);
