using System.Globalization;

namespace Securely.Log;

/// <summary>
/// A file for each day (UTC): <c>app.log</c> becomes <c>app-2025-03-15.log</c>. When a day begins, the oldest files above the number to keep are deleted; where that
/// fails, it is said once and tried again with each batch.
/// </summary>
internal sealed class DailyFileTarget(string path, int days, Action<string> complain, Action<string> delete) : LogTarget
{
    private const string Dates = "yyyy-MM-dd";

    private readonly string _folder = Path.GetDirectoryName(path) ?? "";
    private readonly string _stem = Path.GetFileNameWithoutExtension(path);
    private readonly string _extension = Path.GetExtension(path);
    private FileTarget? _today;
    private DateOnly _date;
    private bool _hasTooMany = days > 0;
    private bool _isFailing;

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
        if (_today is null || date != _date)
        {
            await DisposeAsync().ConfigureAwait(false);
            _today = new FileTarget(Path.Combine(_folder, Name(date)));
            _date = date;
            _hasTooMany = days > 0;
        }

        await _today!.WriteAsync(lines, cancellationToken).ConfigureAwait(false);
        if (_hasTooMany)
            DeleteOldest();
    }

    private string Name(DateOnly date) => $"{_stem}-{date.ToString(Dates, CultureInfo.InvariantCulture)}{_extension}";

    private void DeleteOldest()
    {
        try
        {
            foreach (var file in Oldest())
                delete(file);
            _hasTooMany = _isFailing = false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The batch is written all the same, and must not be counted as lost.
            if (!_isFailing)
                complain($"Old files of the log [{path}] cannot be deleted: {error.Message}");
            _isFailing = true;
        }
    }

    private string[] Oldest() =>
    [
        .. Directory.EnumerateFiles(_folder.Length == 0 ? "." : _folder, $"{_stem}-*{_extension}").Where(IsOurs)
            .OrderDescending(StringComparer.Ordinal).Skip(days),
    ];

    private bool IsOurs(string file)
    {
        var name = Path.GetFileName(file.AsSpan());
        return name.Length == _stem.Length + 1 + Dates.Length + _extension.Length
            && DateOnly.TryParseExact(name.Slice(_stem.Length + 1, Dates.Length), Dates, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
    }
}
