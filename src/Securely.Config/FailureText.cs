namespace Securely.Config;

/// <summary>Why a file could not be used, in words for whoever knows its name already.</summary>
public static class FailureText
{
    /// <summary>The reason without the path, which the message around it names, and without the period.</summary>
    /// <param name="failure">What the system said.</param>
    public static string Of(Exception failure)
    {
        var reason = failure switch
        {
            UnauthorizedAccessException => "this user may not do that; check its permissions",
            FileNotFoundException or DirectoryNotFoundException => "it does not exist",
            _ => failure.Message,
        };
        // As in: No space left on device : '/srv/.env'
        var path = reason.IndexOf(" : '", StringComparison.Ordinal);
        return (path < 0 ? reason : reason[..path]).TrimEnd('.');
    }
}
