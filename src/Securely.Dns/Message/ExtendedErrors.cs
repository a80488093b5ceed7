namespace Securely.Dns;

/// <summary>The numbers of extended errors (RFC 8914, 4) that the server gives.</summary>
internal static class ExtendedErrors
{
    /// <summary>Nothing is said.</summary>
    internal const int None = -1;

    internal const int Other = 0;
    internal const int StaleAnswer = 3;
    internal const int CachedError = 13;
    internal const int NotReady = 14;
    internal const int Blocked = 15;
    internal const int Filtered = 17;
    internal const int Prohibited = 18;
    internal const int StaleNoSuchName = 19;
    internal const int NotAuthoritative = 20;
    internal const int NoReachableAuthority = 22;
    internal const int NetworkError = 23;
    internal const int InvalidData = 24;
}
