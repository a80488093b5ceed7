namespace Securely.Log;

/// <summary>Writes to standard error.</summary>
internal sealed class TextTarget(TextWriter writer) : LogTarget
{
    public override async ValueTask WriteAsync(IReadOnlyList<LogLine> lines, CancellationToken cancellationToken)
    {
        foreach (var line in lines)
            await writer.WriteAsync(line.Text.AsMemory(), cancellationToken).ConfigureAwait(false);
        await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public override string ToString() => "standard error";
}
