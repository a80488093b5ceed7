using System.CommandLine;

namespace Securely.Cli;

/// <summary>
/// One command. <see cref="Build"/> declares it and is called for every invocation of the program, so it creates nothing:
/// what the command needs is created inside its action.
/// </summary>
internal interface ICliCommand
{
    Command Build();
}
