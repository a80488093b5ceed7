namespace Securely.Net;

/// <summary>
/// Descriptors that connections leave free. The runtime opens a pipe with each thread that it starts and ends the whole process when it cannot, so a
/// crowd of clients that takes the last ones would be an outage.
/// </summary>
/// <remarks>The kernel hands out the lowest free number, so a number near the limit says that about all below it are taken.</remarks>
internal static class DescriptorReserve
{
    /// <summary>What accepted connections leave: more than upstreams do, so that a request that was taken can still be passed on.</summary>
    internal const int OfClients = 64;

    /// <summary>What connections to upstreams leave: a dozen threads' worth.</summary>
    internal const int OfUpstreams = 32;

    /// <summary>Whether a descriptor that has just been opened is one of those that should stay free. Always false outside of Linux.</summary>
    /// <param name="descriptor">Its number.</param>
    /// <param name="kept">How many should stay free; never more than an eighth of the limit.</param>
    internal static bool IsTouchedBy(int descriptor, int kept) =>
        OperatingSystem.IsLinux() && LinuxCalls.TryGetOpenFileLimit(out var files) && descriptor >= files - Math.Min(kept, files / 8);

    /// <summary>Whether a descriptor that is opened now would touch it.</summary>
    /// <param name="kept">How many should stay free; never more than an eighth of the limit.</param>
    internal static bool IsTouched(int kept)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        var probe = LinuxCalls.EventDescriptor(0, LinuxCalls.CloseOnExec);
        if (probe < 0)
            return true;
        _ = LinuxCalls.Close(probe);
        return IsTouchedBy(probe, kept);
    }
}
