namespace Securely.Http;

/// <summary>How far a parser came.</summary>
internal enum HeadStatus : byte
{
    /// <summary>All bytes were looked at; call again with more.</summary>
    NeedMore,

    /// <summary>The head is complete.</summary>
    Done,

    /// <summary>The message is refused; the connection cannot be used any further.</summary>
    Error,
}

/// <summary>Why a message is refused: the status to answer with, and a sentence for the log that is never made at run time.</summary>
/// <param name="StatusCode">400, 413, 414, 431, 501 or 505 for a request, 502 for a response; 0 for no error.</param>
/// <param name="Problem">What is wrong.</param>
internal readonly record struct HeadError(int StatusCode, string Problem);
