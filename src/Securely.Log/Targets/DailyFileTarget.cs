using System.Globalization;

namespace Securely.Log;

/// <summary>A file for each day (UTC): <c>app.log</c> becomes <c>app-2025-03-15.log</c>. When a day begins, the oldest files above the number to keep are deleted.</summary>
internal sealed class DailyFileTarget(string path, int days) : LogTarget
{
    private const string Dates = "yyyy-MM-dd";

    private readonly string _folder = Path.GetDirectoryName(path) ?? "";
    private readonly string _stem = Path.GetFileNameWithoutExtension(path);
    private readonly string _extension = Path.GetExtension(path);
    private FileTarget? _today;
    private DateOnly _date;

    public override async ValueTask WriteAsync(IReadOnlyList<LogLine> lines, CancellationToken cancellationToken)
    {
        // A batch may lie across midnight.
        for (var start = 0; start < lines.Count;)
        {
            var date = DateOf(lines[start]);
            var end = start + 1;
            while (end < lines.Count && DateOf(lines[end]) == date)
                end++;
            await WriteAsync(date, [.. lines.Skip(start).Take(end - start)], cancellationToken).ConfigureAwait(false);
            start = end;
        }
    }

    public override ValueTask DisposeAsync() => _today?.DisposeAsync() ?? ValueTask.CompletedTask;

    public override string ToString() => path;

    private static DateOnly DateOf(LogLine line) => DateOnly.FromDateTime(line.Record.Time.UtcDateTime);

    private async ValueTask WriteAsync(DateOnly date, LogLine[] lines, CancellationToken cancellationToken)
    {
        var isNew = _today is null || date != _date;
        if (isNew)
        {
            await DisposeAsync().ConfigureAwait(false);
            _today = new FileTarget(Path.Combine(_folder, Name(date)));
            _date = date;
        }

        await _today!.WriteAsync(lines, cancellationToken).ConfigureAwait(false);
        if (isNew && days > 0)
            DeleteOldest();
    }

    private string Name(DateOnly date) => $"{_stem}-{date.ToString(Dates, CultureInfo.InvariantCulture)}{_extension}";

    private void DeleteOldest()
    {
        var files = Directory.EnumerateFiles(_folder.Length == 0 ? "." : _folder, $"{_stem}-*{_extension}").Where(IsOurs).OrderDescending(StringComparer.Ordinal);
        foreach (var file in files.Skip(days))
            File.Delete(file);
    }

    private bool IsOurs(string file)
    {
        var name = Path.GetFileName(file.AsSpan());
        return name.Length == _stem.Length + 1 + Dates.Length + _extension.Length
            && DateOnly.TryParseExact(name.Slice(_stem.Length + 1, Dates.Length), Dates, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
    }
}
