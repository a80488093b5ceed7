namespace Securely.Dns;

/// <summary>What is asked for.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type.</param>
/// <param name="Class">The class. Default: IN.</param>
public sealed record Question(DomainName Name, RecordType Type, RecordClass Class = RecordClass.In)
{
    /// <summary>The question as tools print it.</summary>
    /// <returns>Name, class and type.</returns>
    public override string ToString() => $"{Name} {ResourceRecord.NameOf(Class)} {RecordSchema.NameOf(Type)}";
}
