namespace Securely.Validation;

/// <summary>What a validation may be told. Share one object between validations; it is only read.</summary>
public sealed class ValidatorOptions
{
    /// <summary>Messages of your own: <c>email.required</c>, <c>required</c>, <c>users.*.name.required</c>, or by size type <c>age.max.numeric</c>.</summary>
    public IReadOnlyDictionary<string, string> Messages { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of fields in messages: <c>users.*.email</c> to <c>mail address</c>.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of values in messages, by field: <c>payment</c> to <c>cc</c> to <c>credit card</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Values { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>Writes fields that a wildcard found and that have no name; null (the default) writes them as they are.</summary>
    public Func<string, string>? ImplicitAttributes { get; init; }

    /// <summary>The messages of the rules; English by default.</summary>
    public MessageCatalog Catalog { get; init; } = MessageCatalog.English;

    /// <summary>Whether the first field that fails ends the validation; false by default.</summary>
    public bool StopOnFirstFailure { get; init; }

    /// <summary>
    /// Whether entries without rules of their own stay in a list or map that has the rule <c>array</c> or <c>list</c> and entries with rules;
    /// false by default, so unknown keys do not reach your code.
    /// </summary>
    public bool IncludesUnvalidatedKeys { get; init; }

    /// <summary>Answers <c>exists</c> and <c>unique</c>; without it these rules throw.</summary>
    public IPresenceVerifier? Presence { get; init; }

    /// <summary>Answers <c>active_url</c> and <c>email:dns</c>; the system's resolver by default.</summary>
    public IHostLookup Hosts { get; init; } = SystemHostLookup.Instance;

    /// <summary>Answers <see cref="PasswordRule.Uncompromised"/>; without it that rule throws.</summary>
    public ILeakedPasswords? LeakedPasswords { get; init; }

    /// <summary>What <c>now</c> is in rules about dates.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where dates without a zone are; UTC by default.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>How long a regular expression may take for one value: 250 ms by default. When it takes longer, the rule fails.</summary>
    public TimeSpan PatternTimeout { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How many fields one wildcard may find: 10,000 by default. When there are more, the field before the first wildcard fails.</summary>
    public int MaximumFields { get; init; } = 10_000;
}
