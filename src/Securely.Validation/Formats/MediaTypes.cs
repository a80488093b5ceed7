using System.Text;

namespace Securely.Validation;

/// <summary>Media types from the first bytes of a file, and the extensions that they stand for.</summary>
internal static class MediaTypes
{
    private const string Unknown = "application/octet-stream";

    private static readonly (int Offset, byte[] Bytes, string Type)[] Signatures =
    [
        (0, [0x89, .. "PNG\r\n\u001A\n"u8], "image/png"),
        (0, [0xFF, 0xD8, 0xFF], "image/jpeg"),
        (0, [.. "GIF87a"u8], "image/gif"),
        (0, [.. "GIF89a"u8], "image/gif"),
        (8, [.. "WEBP"u8], "image/webp"),
        (8, [.. "WAVE"u8], "audio/x-wav"),
        (8, [.. "AVI "u8], "video/x-msvideo"),
        (0, [.. "BM"u8], "image/bmp"),
        (4, [.. "ftypavif"u8], "image/avif"),
        (4, [.. "ftypheic"u8], "image/heic"),
        (4, [.. "ftypheix"u8], "image/heic"),
        (4, [.. "ftypmif1"u8], "image/heif"),
        (4, [.. "ftypqt"u8], "video/quicktime"),
        (4, [.. "ftypM4A"u8], "audio/x-m4a"),
        (4, [.. "ftyp"u8], "video/mp4"),
        (0, [0x49, 0x49, 0x2A, 0x00], "image/tiff"),
        (0, [0x4D, 0x4D, 0x00, 0x2A], "image/tiff"),
        (0, [0x00, 0x00, 0x01, 0x00], "image/vnd.microsoft.icon"),
        (0, [.. "8BPS"u8], "image/vnd.adobe.photoshop"),
        (0, [.. "%PDF-"u8], "application/pdf"),
        (0, [0x1F, 0x8B], "application/gzip"),
        (0, [.. "BZh"u8], "application/x-bzip2"),
        (0, [0xFD, .. "7zXZ"u8, 0x00], "application/x-xz"),
        (0, [0x28, 0xB5, 0x2F, 0xFD], "application/zstd"),
        (0, [.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], "application/x-7z-compressed"),
        (0, [.. "Rar!\u001A"u8], "application/x-rar"),
        (257, [.. "ustar"u8], "application/x-tar"),
        (0, [.. "PK\u0003\u0004"u8], "application/zip"),
        (0, [.. "PK\u0005\u0006"u8], "application/zip"),
        (0, [.. "OggS"u8], "audio/ogg"),
        (0, [.. "fLaC"u8], "audio/flac"),
        (0, [.. "ID3"u8], "audio/mpeg"),
        (0, [0xFF, 0xFB], "audio/mpeg"),
        (0, [0x1A, 0x45, 0xDF, 0xA3], "video/webm"),
        (0, [.. "wOFF"u8], "font/woff"),
        (0, [.. "wOF2"u8], "font/woff2"),
        (0, [.. "OTTO"u8], "font/otf"),
        (0, [.. "SQLite format 3\0"u8], "application/vnd.sqlite3"),
        (0, [0x7F, .. "ELF"u8], "application/x-executable"),
        (0, [.. "MZ"u8], "application/x-dosexec"),
        (0, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "application/x-ole-storage"),
        (0, [.. "{\\rtf"u8], "text/rtf"),
        (0, [.. "<?php"u8], "text/x-php"),
        (0, [.. "#!/"u8], "text/x-shellscript"),
    ];

    private static readonly Dictionary<string, string> Extensions = new(StringComparer.Ordinal)
    {
        ["image/png"] = "png",
        ["image/jpeg"] = "jpg",
        ["image/gif"] = "gif",
        ["image/webp"] = "webp",
        ["image/bmp"] = "bmp",
        ["image/avif"] = "avif",
        ["image/heic"] = "heic",
        ["image/heif"] = "heif",
        ["image/tiff"] = "tif",
        ["image/vnd.microsoft.icon"] = "ico",
        ["image/vnd.adobe.photoshop"] = "psd",
        ["image/svg+xml"] = "svg",
        ["application/pdf"] = "pdf",
        ["application/gzip"] = "gz",
        ["application/x-bzip2"] = "bz2",
        ["application/x-xz"] = "xz",
        ["application/zstd"] = "zst",
        ["application/x-7z-compressed"] = "7z",
        ["application/x-rar"] = "rar",
        ["application/x-tar"] = "tar",
        ["application/zip"] = "zip",
        ["application/json"] = "json",
        ["application/vnd.sqlite3"] = "sqlite3",
        ["application/vnd.openxmlformats-officedocument.wordprocessingml.document"] = "docx",
        ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"] = "xlsx",
        ["application/vnd.openxmlformats-officedocument.presentationml.presentation"] = "pptx",
        ["application/vnd.oasis.opendocument.text"] = "odt",
        ["application/vnd.oasis.opendocument.spreadsheet"] = "ods",
        ["application/epub+zip"] = "epub",
        ["application/x-dosexec"] = "exe",
        ["audio/x-wav"] = "wav",
        ["audio/ogg"] = "oga",
        ["application/ogg"] = "ogx",
        ["video/ogg"] = "ogv",
        ["video/x-matroska"] = "mkv",
        ["text/csv"] = "csv",
        ["text/calendar"] = "ics",
        ["audio/flac"] = "flac",
        ["audio/mpeg"] = "mp3",
        ["audio/x-m4a"] = "m4a",
        ["video/x-msvideo"] = "avi",
        ["video/mp4"] = "mp4",
        ["video/quicktime"] = "mov",
        ["video/webm"] = "webm",
        ["font/woff"] = "woff",
        ["font/woff2"] = "woff2",
        ["font/otf"] = "otf",
        ["text/plain"] = "txt",
        ["text/html"] = "html",
        ["text/xml"] = "xml",
        ["text/rtf"] = "rtf",
        ["text/x-php"] = "php",
        ["text/x-shellscript"] = "sh",
        [Unknown] = "bin",
    };

    /// <summary>The extension that a type usually has; null when none is known.</summary>
    public static string? ExtensionOf(string type) => Extensions.GetValueOrDefault(type);

    public static string Sniff(ReadOnlyMemory<byte> head, long length)
    {
        var bytes = head.Span;
        if (length == 0)
            return "application/x-empty";
        foreach (var (offset, signature, type) in Signatures)
        {
            if (bytes.Length >= offset + signature.Length && bytes.Slice(offset, signature.Length).SequenceEqual(signature))
            {
                return type switch
                {
                    "application/zip" => InZip(bytes),
                    "audio/ogg" => InOgg(bytes),
                    "video/webm" => bytes[..Math.Min(bytes.Length, 64)].IndexOf("matroska"u8) > 0 ? "video/x-matroska" : type,
                    _ => type,
                };
            }
        }

        return length < 2 ? Unknown : Text(bytes);
    }

    /// <summary>Office documents are zip archives whose first entries give them away.</summary>
    private static string InZip(ReadOnlySpan<byte> head)
    {
        var start = head[..Math.Min(head.Length, 4096)];
        if (start.IndexOf("mimetypeapplication/"u8) is > 0 and var mark)
        {
            var text = start[(mark + 8)..];
            var end = text.IndexOf("PK"u8);
            return Encoding.ASCII.GetString(end < 0 ? text[..Math.Min(text.Length, 80)] : text[..end]);
        }

        const string Office = "application/vnd.openxmlformats-officedocument.";
        return start.IndexOf("word/"u8) > 0 ? Office + "wordprocessingml.document"
            : start.IndexOf("xl/"u8) > 0 ? Office + "spreadsheetml.sheet"
            : start.IndexOf("ppt/"u8) > 0 ? Office + "presentationml.presentation"
            : "application/zip";
    }

    /// <summary>What the first packet of the first page holds.</summary>
    private static string InOgg(ReadOnlySpan<byte> head)
    {
        var packet = head.Length > 28 ? head[28..] : default;
        return packet.StartsWith((ReadOnlySpan<byte>)[0x80, .. "theora"u8]) ? "video/ogg"
            : packet.StartsWith("\u0001vorbis"u8) || packet.StartsWith("OpusHead"u8) || packet.StartsWith("\u007FFLAC"u8) || packet.StartsWith("Speex"u8) ? "audio/ogg"
            : "application/ogg";
    }

    private static string Text(ReadOnlySpan<byte> head)
    {
        if (head.Length % 2 == 0 && (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])))
            return "text/plain";
        if (head.IndexOfAnyInRange((byte)0, (byte)8) >= 0 || head.IndexOfAnyInRange((byte)14, (byte)26) >= 0)
            return Unknown;
        var start = Encoding.UTF8.GetString(head[..Math.Min(head.Length, 1024)]).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        if (start.Contains("<svg", StringComparison.OrdinalIgnoreCase) && start.StartsWith('<'))
            return "image/svg+xml";
        if (start.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) || start.StartsWith("<html", StringComparison.OrdinalIgnoreCase))
            return "text/html";
        if (start.StartsWith("<?xml", StringComparison.OrdinalIgnoreCase))
            return "text/xml";
        if (start.StartsWith("BEGIN:VCALENDAR", StringComparison.OrdinalIgnoreCase))
            return "text/calendar";
        return start.StartsWith('{') || start.StartsWith('[') ? JsonOrText(head) : IsTable(head) ? "text/csv" : "text/plain";
    }

    /// <summary>Whether the first lines, three at least, have equally many commas outside of quotes.</summary>
    private static bool IsTable(ReadOnlySpan<byte> head)
    {
        const int MostLines = 10, FewestLines = 3;
        int lines = 0, commas = 0, expected = 0;
        var isQuoted = false;
        foreach (var letter in head)
        {
            if (letter == '"')
                isQuoted = !isQuoted;
            else if (isQuoted)
                continue;
            else if (letter == ',')
                commas++;
            if (letter != '\n')
                continue;
            if (commas == 0 || (lines > 0 && commas != expected))
                return false;
            expected = commas;
            commas = 0;
            if (++lines == MostLines)
                return true;
        }

        return lines >= FewestLines;
    }

    /// <summary>A file that is longer than what is looked at stays text: half a document is no JSON.</summary>
    private static string JsonOrText(ReadOnlySpan<byte> head) =>
        head.Length < Upload.HeadLength && JsonSyntax.IsValid(Encoding.UTF8.GetString(head)) ? "application/json" : "text/plain";
}
