using Securely.Net;

namespace Securely.Testing;

/// <summary>What one step of a <see cref="ReplayConnection"/> is.</summary>
internal enum ReplayKind
{
    Read,
    Write,
    End,
    FailRead,
    FailWrite,
    LoseWrites,
    Silence,
}

/// <summary>One step of a <see cref="ReplayConnection"/>.</summary>
internal sealed record ReplayStep(ReplayKind Kind, ReadOnlyMemory<byte> Bytes, NetErrorKind Error);
