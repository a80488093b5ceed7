namespace Securely.Log;

/// <summary>Writes nothing.</summary>
internal sealed class NullTarget : LogTarget
{
    public override ValueTask WriteAsync(IReadOnlyList<LogLine> lines, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
