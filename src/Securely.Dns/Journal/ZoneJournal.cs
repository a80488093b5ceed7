using System.Buffers.Binary;

namespace Securely.Dns;

/// <summary>
/// The journal of one zone: a file that begins with the zone as it once was and is only ever added to. What <see cref="Append"/> has returned from
/// is on the disk. A tail that was torn by a crash is cut off when it is opened. One thread at a time; another process cannot open it meanwhile.
/// </summary>
internal sealed class ZoneJournal : IDisposable
{
    private readonly FileStream _file;

    private ZoneJournal(string path, FileStream file)
    {
        Path = path;
        _file = file;
    }

    /// <summary>The file.</summary>
    internal string Path { get; }

    /// <summary>How many bytes it has.</summary>
    internal long Length => _file.Length;

    /// <summary>How many of them the zone at the beginning takes.</summary>
    internal long ZoneLength { get; private set; }

    /// <summary>
    /// Whether so much has been added to the zone at the beginning that writing it anew is worth it: then replaying is short, and the cost of
    /// writing is spread over the changes.
    /// </summary>
    internal bool IsOvergrown => Length > (4 * ZoneLength) + (1 << 20);

    /// <summary>Opens a journal and reads it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">What is in it.</param>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="JournalBrokenException">It holds no zone.</exception>
    /// <exception cref="IOException">It cannot be read, or another process has it.</exception>
    internal static ZoneJournal? Open(string path, out JournalContent content)
    {
        content = new JournalContent();
        if (!File.Exists(path))
            return null;
        var file = JournalFiles.Open(path, FileMode.Open);
        try
        {
            var journal = new ZoneJournal(path, file);
            journal.Read(content);
            return journal;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Makes a journal; one of the same name is replaced as a whole, or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="zone">All records, the SOA first.</param>
    /// <param name="past">What led to it, for secondaries that are behind.</param>
    /// <param name="confirmed">When a primary said that it is current; null for a zone of our own.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    internal static ZoneJournal Create(string path, IReadOnlyCollection<ResourceRecord> zone, IReadOnlyList<ZoneChange> past, DateTimeOffset? confirmed)
    {
        using var bytes = new MemoryStream();
        bytes.Write(JournalCodec.Magic);
        JournalCodec.WriteZone(bytes, zone);
        var zoneLength = bytes.Length;
        foreach (var change in past)
            JournalCodec.WriteChange(bytes, change, JournalKind.PastChange);
        if (confirmed is { } moment)
            JournalCodec.WriteConfirmation(bytes, moment);
        var file = JournalFiles.Replace(path, bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        return new ZoneJournal(path, file) { ZoneLength = zoneLength };
    }

    /// <summary>Adds changes and brings them to the disk together; none of them stays when that fails.</summary>
    /// <exception cref="IOException">It cannot be written; the journal is as it was.</exception>
    internal void Append(IReadOnlyList<ZoneChange> changes, DateTimeOffset? confirmed = null)
    {
        using var bytes = new MemoryStream();
        foreach (var change in changes)
            JournalCodec.WriteChange(bytes, change);
        if (confirmed is { } moment)
            JournalCodec.WriteConfirmation(bytes, moment);
        var before = _file.Length;
        try
        {
            _file.Seek(before, SeekOrigin.Begin);
            _file.Write(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
            // A moment that is lost makes a zone expire a little earlier, which is not worth a wait for the disk.
            if (changes.Count > 0)
                _file.Flush(flushToDisk: true);
        }
        catch
        {
            _file.SetLength(before);
            throw;
        }
    }

    public void Dispose() => _file.Dispose();

    private void Read(JournalContent content)
    {
        var length = _file.Length;
        var head = new byte[JournalCodec.HeadLength];
        var at = (long)JournalCodec.Magic.Length;
        if (!TryFill(head.AsSpan(0, JournalCodec.Magic.Length)) || !head.AsSpan(0, JournalCodec.Magic.Length).SequenceEqual(JournalCodec.Magic))
            throw new JournalBrokenException($"The file [{Path}] is no journal of this version; move it away to begin anew.");
        while (at < length)
        {
            if (!TryFill(head) || BinaryPrimitives.ReadUInt32BigEndian(head) is var size && size > length - at - head.Length)
                break;
            var entry = new byte[size];
            if (!TryFill(entry) || JournalCodec.Checksum(head[8], entry) != BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(4)) || !content.TryAdd((JournalKind)head[8], entry))
                break;
            at += head.Length + size;
            if (content.Changes.Count == 0 && content.Past.Count == 0 && content.Confirmed is null)
                ZoneLength = at;
        }

        if (content.Zone is null)
            throw new JournalBrokenException($"The journal [{Path}] is damaged at its beginning; move it away to begin anew.");
        if (at < length)
            Cut(at, content);
    }

    // What follows a whole entry was never acknowledged, unless the disk has lost what it had: so it is kept beside.
    private void Cut(long at, JournalContent content)
    {
        content.TornBytes = _file.Length - at;
        _file.Seek(at, SeekOrigin.Begin);
        using (var beside = JournalFiles.Open(Path + ".torn", FileMode.Create))
            _file.CopyTo(beside);
        _file.SetLength(at);
        _file.Flush(flushToDisk: true);
    }

    private bool TryFill(Span<byte> bytes) => _file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length;
}

/// <summary>What a journal holds.</summary>
internal sealed class JournalContent
{
    /// <summary>The zone at the beginning, the SOA first; null before it has been read.</summary>
    internal List<ResourceRecord>? Zone { get; private set; }

    /// <summary>What led to the zone at the beginning.</summary>
    internal List<ZoneChange> Past { get; } = [];

    /// <summary>What has changed since.</summary>
    internal List<ZoneChange> Changes { get; } = [];

    /// <summary>When a primary last said that the zone is current; null for never.</summary>
    internal DateTimeOffset? Confirmed { get; private set; }

    /// <summary>How many bytes at the end were no whole entry.</summary>
    internal long TornBytes { get; set; }

    /// <summary>Takes an entry whose checksum is right.</summary>
    /// <returns>False when it is none.</returns>
    internal bool TryAdd(JournalKind kind, ReadOnlySpan<byte> bytes)
    {
        if (Zone is null)
        {
            if (kind != JournalKind.Zone || !JournalCodec.TryReadZone(bytes, out var records) || records[0].Type != RecordType.Soa)
                return false;
            Zone = records;
            return true;
        }

        switch (kind)
        {
            case JournalKind.Change or JournalKind.PastChange when JournalCodec.TryReadChange(bytes, out var change):
                (kind == JournalKind.Change ? Changes : Past).Add(change);
                return true;
            case JournalKind.Confirmation when JournalCodec.TryReadConfirmation(bytes, out var moment):
                Confirmed = moment;
                return true;
            default:
                return false;
        }
    }
}

/// <summary>A journal can be read, but what is in it cannot be used: the fault of one zone, and not of the disk.</summary>
/// <param name="message">What is wrong with it, and the way out.</param>
/// <param name="innerException">Why; null when the message says all.</param>
internal sealed class JournalBrokenException(string message, Exception? innerException = null) : IOException(message, innerException);
