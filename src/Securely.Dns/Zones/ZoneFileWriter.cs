using System.Text;

namespace Securely.Dns;

/// <summary>Writes zone files, one record a line with absolute names, so that any reader takes them; ours reads them back equal.</summary>
public static class ZoneFileWriter
{
    /// <summary>Writes the records of a zone: its SOA first, then all others in DNSSEC's order.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="output">Where to; letters below 128 only.</param>
    public static void Write(Zone zone, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(zone);
        Write(zone.Records(), output);
    }

    /// <summary>Writes records in the order in which they come.</summary>
    /// <param name="records">The records.</param>
    /// <param name="output">Where to; letters below 128 only.</param>
    public static void Write(IEnumerable<ResourceRecord> records, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(output);
        var text = new StringBuilder();
        foreach (var record in records)
        {
            NameText.Format(record.Name.Wire, text.Clear());
            text.Append('\t').Append(record.Ttl).Append('\t').Append(ResourceRecord.NameOf(record.Class)).Append('\t')
                .Append(RecordSchema.NameOf(record.Type)).Append('\t');
            RecordFormatter.Format(record.Type, record.Data.Span, text);
            output.Write(text.Append('\n'));
        }
    }
}
