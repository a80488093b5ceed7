namespace Securely.Net;

/// <summary>Whether a server asks its clients for certificates.</summary>
public enum ClientCertificateMode
{
    /// <summary>It does not ask.</summary>
    None,

    /// <summary>It asks; a client without one is served, one with a bad one is refused.</summary>
    Optional,

    /// <summary>A client without a good one is refused.</summary>
    Required,
}
