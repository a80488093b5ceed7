using System.Globalization;

namespace Securely.Dns;

/// <summary>The reading of one zone file, from its first line to its last.</summary>
internal sealed partial class ZoneFileSession
{
    private readonly ZoneFile _zone;
    private readonly string _text;
    private readonly string _file;
    private readonly string? _includeRoot;
    private readonly int _index;
    private readonly ZoneLexer _lexer;
    private readonly RecordParser _parser;
    private readonly ZoneFileSession? _parent;
    private readonly int _depth;
    private readonly ZoneOwner _owner = new();
    private DomainName? _origin;

    // What hashes of names below a name begin with, and whether it may be the name of a host.
    private DomainName? _stateOf;
    private ulong _state;
    private bool _isHost;
    private uint? _defaultTtl;
    private uint? _lastTtl;

    internal ZoneFileSession(ZoneFile zone, string text, string file, string? includeRoot, (long Size, DateTime Written) state = default, ZoneFileSession? parent = null)
    {
        _zone = zone;
        _text = text;
        _file = file;
        _includeRoot = includeRoot;
        _index = zone.AddFile(file, state);
        _lexer = new ZoneLexer(text);
        _parser = parent?._parser ?? new RecordParser();
        _parent = parent;
        _depth = parent is null ? 0 : parent._depth + 1;
        zone.Expect(text.Length);
        if (parent is null)
            return;
        (_defaultTtl, _lastTtl) = (parent._defaultTtl, parent._lastTtl);
        _owner.Take(parent._owner);
    }

    internal void Run(DomainName origin)
    {
        _origin = origin;
        while (true)
        {
            TakePlainLines();
            if (!_lexer.Next())
                return;
            if (_lexer.Error is { } error)
                Report(error.Line, error.Column, ZoneProblemSeverity.Error, error.Message);
            else
                ReadEntry();
        }
    }

    private void ReadEntry()
    {
        var first = _lexer.Tokens[0];
        var word = first.In(_text);
        if (!first.IsQuoted && word.StartsWith("$"))
        {
            ReadDirective(word.ToString());
            return;
        }

        var at = 0;
        if (!_lexer.IsIndented)
        {
            if (!TryReadOwner(first))
                return;
            at = 1;
        }
        else if (_owner.Length == 0)
        {
            Fail(first, "The line has no owner, and there is none before it");
            return;
        }

        ReadRecord(_text, _lexer.Tokens, at, _lexer.Count, first, _owner);
    }

    private bool TryReadOwner(in ZoneToken token)
    {
        var word = token.In(_text);
        if (_owner.TryRead(word, _origin, out var error))
            return true;
        Fail(token, $"The name [{word}] {error}");
        return false;
    }

    // [TTL] [CLASS] TYPE DATA, TTL and class in any order.
    private void ReadRecord(string text, ZoneToken[] tokens, int at, int count, in ZoneToken place, ZoneOwner owner)
    {
        uint? ttl = null;
        var hasClass = false;
        RecordType type;
        for (; ; at++)
        {
            if (at >= count)
            {
                Fail(place, $"The record of [{owner}] has no type");
                return;
            }

            var word = tokens[at].In(text);
            if (ttl is null && !tokens[at].IsQuoted && TimeText.TryParseDuration(word, out var seconds))
                ttl = seconds;
            else if (!hasClass && IsInternet(word))
                hasClass = true;
            else if (RecordSchema.TryFind(word, out type))
                break;
            else
            {
                Fail(Place(text, tokens[at], place), IsClass(word) ? $"The class [{word}] is not IN" : $"[{word}] is not a record type");
                return;
            }
        }

        if (RecordSchema.IsMeta(type))
        {
            Fail(Place(text, tokens[at], place), $"The type [{RecordSchema.NameOf(type)}] cannot be in a zone");
            return;
        }

        if (_parser.Parse(type, text, tokens, at + 1, count, _origin) is { } error)
            FailData(text, tokens, count, place, error);
        else
            Take(owner, type, ttl, place);
    }

    private void Take(ZoneOwner owner, RecordType type, uint? ttl, in ZoneToken place)
    {
        if (ttl is { } given)
            ttl = Limit(given, place);
        var data = _parser.Data;
        if ((ttl ?? _defaultTtl ?? _lastTtl) is not { } effective)
        {
            if (type != RecordType.Soa)
            {
                Fail(place, $"The record of [{owner}] has no TTL, and there is no $TTL before it");
                return;
            }

            effective = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(data[^4..]);
            _defaultTtl = effective;
            Report(place.Line, place.Column, ZoneProblemSeverity.Warning, $"No TTL is given; the SOA's minimum [{effective}] is taken for all");
        }

        if (type is RecordType.A or RecordType.Aaaa && !HostNames.IsOwner(owner.Wire))
            Report(place.Line, place.Column, ZoneProblemSeverity.Warning, $"[{owner}] is no name of a host, but has {RecordSchema.NameOf(type)} records");
        _lastTtl = ttl ?? _lastTtl;
        _zone.Add(owner.Wire, owner.Lower, owner.Hash, type, effective, data, _index, place.Line);
    }

    // RFC 2181, 8: what has the highest bit counts as 0.
    private uint Limit(uint ttl, in ZoneToken place)
    {
        if (ttl <= int.MaxValue)
            return ttl;
        Report(place.Line, place.Column, ZoneProblemSeverity.Warning, $"The TTL [{ttl}] is over 2147483647 and counts as 0");
        return 0;
    }

    private void FailData(string text, ZoneToken[] tokens, int count, in ZoneToken place, string error)
    {
        var failed = Math.Min(_parser.FailedToken, count - 1);
        // An error that begins with a small letter is about a word.
        var message = char.IsLower(error[0]) ? $"[{tokens[failed].In(text)}] {error}" : error;
        Fail(Place(text, tokens[failed], place), message);
    }

    // The words of a generated line have no place of their own.
    private ZoneToken Place(string text, in ZoneToken token, in ZoneToken place) => ReferenceEquals(text, _text) ? token : place;

    private void Fail(in ZoneToken token, string message) => Report(token.Line, token.Column, ZoneProblemSeverity.Error, message);

    private void Report(int line, int column, ZoneProblemSeverity severity, string message) =>
        _zone.Add(new ZoneProblem(_file, line, column, severity, message));

    // A class may be written by its number, as a type may (RFC 3597, 5).
    private static bool IsInternet(ReadOnlySpan<char> word) =>
        word.Equals("IN", StringComparison.OrdinalIgnoreCase)
        || (word.StartsWith("CLASS", StringComparison.OrdinalIgnoreCase) && ushort.TryParse(word[5..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number == (ushort)RecordClass.In);

    private static bool IsClass(ReadOnlySpan<char> word) =>
        word.Equals("CH", StringComparison.OrdinalIgnoreCase) || word.Equals("HS", StringComparison.OrdinalIgnoreCase) || word.Equals("CS", StringComparison.OrdinalIgnoreCase)
        || word.StartsWith("CLASS", StringComparison.OrdinalIgnoreCase);
}
