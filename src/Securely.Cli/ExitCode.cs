namespace Securely.Cli;

/// <summary>What the process says to its caller when it ends. Scripts depend on these numbers.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The command was understood and could not be carried out.</summary>
    public const int Failed = 1;

    /// <summary>The command line was not understood.</summary>
    public const int Usage = 2;

    /// <summary>A configuration file is missing or wrong.</summary>
    public const int Configuration = 3;
}
