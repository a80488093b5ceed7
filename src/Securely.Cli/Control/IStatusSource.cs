namespace Securely.Cli;

/// <summary>Where the figures of <c>status</c> come from.</summary>
internal interface IStatusSource
{
    /// <summary>The figures of this moment; any thread may ask. It disturbs no worker.</summary>
    StatusReport Read();
}
