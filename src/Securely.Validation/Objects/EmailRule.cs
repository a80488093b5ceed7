namespace Securely.Validation;

/// <summary>A mail address by chosen checks; without one, by RFC 5322. Each call returns a new rule.</summary>
public sealed class EmailRule : RuleEntry
{
    private readonly string[] _checks;

    internal EmailRule(params string[] checks) => _checks = checks;

    /// <summary>By RFC 5322 and 6531; strict also refuses what is allowed but suspect.</summary>
    public EmailRule RfcCompliant(bool strict = false) => With(strict ? "strict" : "rfc");

    /// <summary>By the strict reading of the RFCs.</summary>
    public EmailRule Strict() => RfcCompliant(strict: true);

    /// <summary>The domain accepts mail; asks <see cref="ValidatorOptions.Hosts"/>.</summary>
    public EmailRule ValidateMxRecord() => With("dns");

    /// <summary>No letters of scripts that are not written together.</summary>
    public EmailRule PreventSpoofing() => With("spoof");

    /// <summary>By the narrow syntax of PHP's filter.</summary>
    public EmailRule WithNativeValidation(bool allowUnicode = false) => With(allowUnicode ? "filter_unicode" : "filter");

    internal override void AddTo(List<RulePart> parts, RuleRegistry registry) =>
        new TextEntry([_checks.Length == 0 ? "email" : "email:" + string.Join(',', _checks)]).AddTo(parts, registry);

    private EmailRule With(string check) => _checks.Contains(check, StringComparer.Ordinal) ? this : new([.. _checks, check]);
}
