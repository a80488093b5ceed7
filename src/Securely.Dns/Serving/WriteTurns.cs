using Securely.Net;

namespace Securely.Dns;

/// <summary>Lets several writers of one stream write one after the other. Only the stream's worker touches it.</summary>
internal sealed class WriteTurns(Connection connection)
{
    private Task _last = Task.CompletedTask;

    /// <summary>Writes when all who came before have written.</summary>
    /// <exception cref="IOException">The peer has gone.</exception>
    internal async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        var before = _last;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _last = done.Task;
        await before;
        try
        {
            await connection.WriteAsync(bytes);
        }
        finally
        {
            done.SetResult();
        }
    }
}
