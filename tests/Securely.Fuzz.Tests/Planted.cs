using Securely.Fuzz.Tests.Reference;

namespace Securely.Fuzz.Tests;

/// <summary>Mistakes that servers really made, each planted into a copy of the reference.</summary>
internal static class Planted
{
    /// <summary><c>Transfer-Encoding: chunked, identity</c> is taken as chunked (CVE-2026-2835).</summary>
    internal sealed class ChunkedAnywhere : PlainParser
    {
        protected override Coding ReadCoding(List<byte[]> values) =>
            Members(values).Exists(member => IsWord(member, "chunked")) ? Coding.Chunked : base.ReadCoding(values);
    }

    /// <summary>Of two lengths the last one counts.</summary>
    internal sealed class LastLengthWins : PlainParser
    {
        protected override long ReadLength(List<byte[]> values) => ReadNumber(values[^1]);
    }

    /// <summary><c>5, 5</c> is one length.</summary>
    internal sealed class EqualLengthsAreOne : PlainParser
    {
        protected override long ReadLength(List<byte[]> values)
        {
            var members = Members(values);
            return members.TrueForAll(member => member.AsSpan().SequenceEqual(members[0])) ? ReadNumber(members[0]) : base.ReadLength(values);
        }
    }

    /// <summary>Blanks before the colon are taken away.</summary>
    internal sealed class BlankBeforeColon : PlainParser
    {
        protected override byte[] NameBeforeColon(byte[] text, bool isResponse) => TrimEnd(text);
    }

    /// <summary>A chunk's size is what its digits are in 64 bits.</summary>
    internal sealed class SizeWraps : PlainParser
    {
        protected override ulong SizeOf(byte[] digits) => Wrapped(digits);
    }

    /// <summary>A line may end in LF alone.</summary>
    internal sealed class BareLineFeed : PlainParser
    {
        protected override byte[] TextOfLine(byte[] line) => TextWithoutControls(line is [.., (byte)'\r'] ? line[..^1] : line);
    }

    /// <summary>A NUL is a letter like others.</summary>
    internal sealed class NulInLine : PlainParser
    {
        protected override byte[] TextOfLine(byte[] line)
        {
            base.TextOfLine(Array.ConvertAll(line, static letter => letter == 0 ? (byte)'0' : letter));
            return line[..^1];
        }
    }

    /// <summary>A folded line of a request is joined.</summary>
    internal sealed class FoldedRequest : PlainParser
    {
        protected override bool JoinsFoldedLines(bool isResponse) => true;
    }

    /// <summary>HTTP/1.0 may use a transfer coding (CVE-2026-2835).</summary>
    internal sealed class CodingOnOldVersion : PlainParser
    {
        protected override bool MayHaveCoding(int minorVersion) => true;
    }

    /// <summary>A length beside a coding is overlooked.</summary>
    internal sealed class LengthBesideCoding : PlainParser
    {
        protected override bool ContradictsCoding(List<byte[]> lengths) => false;
    }

    /// <summary>Any two bytes behind a chunk's data are taken as CRLF.</summary>
    internal sealed class UncheckedDataEnd : PlainParser
    {
        protected override bool IsDataEnd(byte letter, int index) => true;
    }

    /// <summary>A 304 with a length has a body.</summary>
    internal sealed class BodyOfNotModified : PlainParser
    {
        protected override bool HasNoBody(int status, string method) => method == "HEAD" || status == 204;
    }

    /// <summary>Trailers may hold what belongs into a head.</summary>
    internal sealed class AnyTrailer : PlainParser
    {
        protected override bool MayBeTrailer(byte[] name) => true;
    }

    /// <summary>The first line of a chunk may be one byte too long.</summary>
    internal sealed class LongExtension : PlainParser
    {
        protected override int MostChunkLine => base.MostChunkLine + 1;
    }

    /// <summary>Trailers may be one byte too long.</summary>
    internal sealed class LongTrailers : PlainParser
    {
        protected override int MostTrailerBytes => base.MostTrailerBytes + 1;
    }

    /// <summary>Throws what no reader expects.</summary>
    internal sealed class Failing : PlainParser
    {
        protected override byte[] TextOfLine(byte[] line) => throw new FormatException("planted");

        protected override ulong SizeOf(byte[] digits) => throw new FormatException("planted");
    }

    /// <summary>One more than allowed is allowed: of bytes of a line, of bytes of all fields, of fields, of bytes of a body.</summary>
    /// <param name="limit">Which limit is one too high; all others hold.</param>
    internal sealed class OneTooMany(Func<PlainLimits, long> limit) : PlainParser
    {
        public override PlainHead ReadRequest(byte[] bytes, PlainLimits limits) => base.ReadRequest(bytes, Raise(limits));

        public override PlainBody ReadChunked(byte[] bytes, bool isResponse, PlainLimits limits) => base.ReadChunked(bytes, isResponse, Raise(limits));

        private PlainLimits Raise(PlainLimits limits)
        {
            PlainLimits[] raised =
            [
                limits with { StartLine = limits.StartLine + 1 }, limits with { FieldBytes = limits.FieldBytes + 1 },
                limits with { Fields = limits.Fields + 1 }, limits with { Body = limits.Body == 0 ? 0 : limits.Body + 1 },
            ];
            return Array.Find(raised, one => limit(one) != limit(limits)) ?? limits;
        }
    }
}
