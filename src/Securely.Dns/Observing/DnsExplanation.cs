namespace Securely.Dns;

/// <summary>How a server would answer a question, and why.</summary>
/// <param name="Steps">What it decides, in order.</param>
/// <param name="Answer">What it would send; null for nothing, or for what others would have to be asked first.</param>
public sealed record DnsExplanation(IReadOnlyList<DnsDecision> Steps, DnsMessage? Answer);

/// <summary>One decision.</summary>
/// <param name="Stage">What it is about: <c>gate</c>, <c>zone</c>, <c>name</c>, <c>records</c> or <c>answer</c>.</param>
/// <param name="Text">A sentence.</param>
public sealed record DnsDecision(string Stage, string Text);
