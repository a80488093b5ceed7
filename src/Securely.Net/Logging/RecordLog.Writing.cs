namespace Securely.Net;

public sealed partial class RecordLog
{
    private void Run()
    {
        while (true)
        {
            var isLast = _ending;
            var flushes = _flushes.Count;
            var any = Drain();
            while (_reopens.TryDequeue(out var reopen))
                Reopen(reopen);
            while (flushes-- > 0 && _flushes.TryDequeue(out var flush))
                flush.TrySetResult();
            if (isLast)
                break;
            if (any)
            {
                _wake.WaitOne(Rest);
                continue;
            }

            Interlocked.Exchange(ref _sleeping, 1);
            if (IsQuiet())
                _wake.WaitOne();
            Volatile.Write(ref _sleeping, 0);
        }

        while (_flushes.TryDequeue(out var late))
            late.TrySetResult();
    }

    private void Reopen(TaskCompletionSource<string?> reopened)
    {
        try
        {
            _file?.Reopen();
            reopened.TrySetResult(_file is null ? null : _options.Path);
        }
        catch (IOException e)
        {
            reopened.TrySetException(e);
        }
    }

    private bool IsQuiet() => !_ending && _flushes.IsEmpty && _reopens.IsEmpty && Array.TrueForAll(Volatile.Read(ref _rings), static ring => ring.IsEmpty);

    /// <summary>Writes what has come until now.</summary>
    /// <returns>Whether there was anything.</returns>
    private bool Drain()
    {
        var any = false;
        foreach (var ring in Volatile.Read(ref _rings))
        {
            var end = ring.End;
            while (ring.TryPeek(end, out var record))
            {
                any = true;
                _format(record, _buffer);
                ring.Remove(record.Length);
                _linesInBuffer++;
                if (_buffer.Length >= WriteAt)
                    WriteOut();
            }
        }

        WriteOut();
        return any;
    }

    private void WriteOut()
    {
        try
        {
            if (_buffer.Length == 0)
                return;
            LookAfterFile();
            if (_file is not null)
                _file.Write(_buffer.Written);
            else
                WriteToStream();
            Interlocked.Add(ref _lines, _linesInBuffer);
        }
        catch (Exception e)
        {
            // Whatever it was: without this thread there would be no log at all.
            Interlocked.Add(ref _notWritten, _linesInBuffer);
            LogWriteFailed(_logger, _options.Name, _options.Path, e.Message);
            ReportLost(isLast: false);
        }
        finally
        {
            _buffer.Clear();
            _linesInBuffer = 0;
        }
    }

    private void WriteToStream()
    {
        _stream!.Write(_buffer.Written);
        _stream.Flush();
    }

    /// <summary>A file that was moved goes on where its name is now. One that cannot be opened any more is still written to.</summary>
    private void LookAfterFile()
    {
        var now = _time.GetTimestamp();
        if (_file is null || now < _nextLook)
            return;
        _nextLook = now + _time.TimestampFrequency;
        try
        {
            _file.ReopenIfMoved();
        }
        catch (IOException e)
        {
            LogReopenFailed(_logger, e.Message, _options.Name.ToLowerInvariant());
        }
    }
}
