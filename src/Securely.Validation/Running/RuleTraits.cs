namespace Securely.Validation;

/// <summary>What the validator does with a rule besides asking it.</summary>
[Flags]
internal enum RuleTraits
{
    None = 0,

    /// <summary>Asked although the value is absent or empty; its failure ends the field.</summary>
    Implicit = 1,

    /// <summary>Its parameters name other fields, so wildcards in them follow the field's own.</summary>
    Dependent = 2,

    /// <summary>Its failure takes the field out of the result instead of being an error.</summary>
    Exclude = 4,

    /// <summary>Its message depends on what is measured: a number, text, entries or a file.</summary>
    Size = 8,

    /// <summary>Makes sizes of the field mean its number.</summary>
    Numeric = 16,

    /// <summary>Concerns files, so that an upload that did not arrive whole fails before it.</summary>
    File = 32,

    /// <summary>Asks a store, so it is skipped when the field has failed already.</summary>
    Presence = 64,

    /// <summary>Counts as numeric for its own sizes when the value is a number.</summary>
    Comparing = 128,
}
