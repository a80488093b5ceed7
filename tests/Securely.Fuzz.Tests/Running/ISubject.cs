using Securely.Fuzz.Tests.Cases;
using Securely.Fuzz.Tests.Reference;

namespace Securely.Fuzz.Tests.Running;

/// <summary>What is compared with the reference: the parsers that serve, or a broken copy of them. Used by one thread.</summary>
internal interface ISubject
{
    /// <summary>Reads a case as it arrives, piece by piece.</summary>
    PlainReading Read(FuzzCase one);
}
