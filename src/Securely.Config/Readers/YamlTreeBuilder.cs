using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Securely.Config;

/// <summary>
/// Turns the parser's events into values. What is wrong but does not hide the structure (a key that stands twice, a tag, an unknown
/// alias) is reported and reading goes on; a syntax error or a limit ends it.
/// </summary>
internal sealed class YamlTreeBuilder
{
    /// <summary>How deep maps and lists may nest, aliases followed.</summary>
    public const int MaxDepth = 64;

    /// <summary>How many aliases a document may have.</summary>
    public const int MaxAliases = 1_000;

    /// <summary>How many values all aliases together may repeat; more is an attempt to exhaust memory.</summary>
    public const int MaxRepeatedValues = 100_000;

    private readonly string _text;
    private readonly string _file;
    private readonly ConfigDiagnostics _diagnostics;
    private readonly Parser _parser;
    private readonly Dictionary<string, Node> _anchors = new(StringComparer.Ordinal);
    private readonly HashSet<string> _openAnchors = new(StringComparer.Ordinal);
    private readonly Stack<OpenCollection> _open = new();
    private Mark _lastEnd = new(0, 1, 1);
    private int _aliases;
    private long _repeatedValues;

    public YamlTreeBuilder(string text, string file, ConfigDiagnostics diagnostics)
    {
        _text = text;
        _file = file;
        _diagnostics = diagnostics;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>The root, or null when reading had to end early.</summary>
    public ConfigValue? Build()
    {
        try
        {
            return BuildDocument();
        }
        catch (LimitException e)
        {
            _diagnostics.Error(Origin(e.Mark), e.Message);
        }
        catch (YamlException e)
        {
            var (origin, message) = YamlErrors.Describe(e, _text, _file, InnermostFlow());
            _diagnostics.Error(origin, message);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or KeyNotFoundException)
        {
            // The parser has states in which it fails over itself instead of naming the error.
            _diagnostics.Error(Origin(_lastEnd), YamlErrors.Unreadable(InnermostFlow()));
        }

        return null;
    }

    private ConfigValue BuildDocument()
    {
        Next();
        Expect<StreamStart>();
        if (_parser.Current is StreamEnd)
            return ConfigValue.Null(new ConfigOrigin(_file, 1, 1));
        Expect<DocumentStart>();
        var root = BuildNode(0);
        Expect<DocumentEnd>();
        if (_parser.Current is DocumentStart second)
            _diagnostics.Error(Origin(second.Start), "A second document starts here; a configuration is one document");
        return root.Value;
    }

    private Node BuildNode(int depth)
    {
        var current = _parser.Current!;
        if (current is AnchorAlias alias)
            return BuildAlias(alias, depth);

        var start = current as NodeEvent ?? throw new InvalidOperationException();
        if (!start.Tag.IsEmpty)
            _diagnostics.Error(Origin(start.Start), $"Tag [{start.Tag}] is not supported; write the value without it");
        var anchor = start.Anchor.IsEmpty ? null : start.Anchor.Value;
        var reopened = anchor is not null && _openAnchors.Add(anchor);

        var node = start switch
        {
            Scalar scalar => BuildScalar(scalar),
            SequenceStart list => BuildList(list, depth),
            _ => BuildMap((MappingStart)start, depth),
        };

        if (anchor is null)
            return node;
        _anchors[anchor] = node;
        if (reopened)
            _openAnchors.Remove(anchor);
        return node;
    }

    private Node BuildScalar(Scalar scalar)
    {
        Next();
        var origin = Origin(scalar.Start);
        var plain = scalar.Style == ScalarStyle.Plain;
        var value = plain && scalar.Value is "" or "~" or "null" or "Null" or "NULL"
            ? ConfigValue.Null(origin)
            : ConfigValue.FromText(scalar.Value, origin, quoted: !plain);
        return new Node(value, Height: 0, Weight: 1);
    }

    private Node BuildAlias(AnchorAlias alias, int depth)
    {
        Next();
        var name = alias.Value.Value;
        if (++_aliases > MaxAliases)
            throw new LimitException(alias.Start, $"More than {MaxAliases} aliases; repeat the values instead");
        if (_openAnchors.Contains(name))
            _diagnostics.Error(Origin(alias.Start), $"Alias [*{name}] stands inside the value that it names");
        else if (!_anchors.TryGetValue(name, out var target))
        {
            _diagnostics.Error(Origin(alias.Start), $"Alias [*{name}] is not defined before; a text that starts with [*] needs quotes, as in [\"*{name}\"]");
            // It is read as the text that it most likely is, so that nobody is told of a missing value too.
            return new Node(ConfigValue.FromText("*" + name, Origin(alias.Start), quoted: true), Height: 0, Weight: 1);
        }
        else if (depth + target.Height > MaxDepth)
            throw new LimitException(alias.Start, $"More than {MaxDepth} levels of maps and lists through alias [*{name}]");
        else if ((_repeatedValues += target.Weight) > MaxRepeatedValues)
            throw new LimitException(alias.Start, $"Aliases repeat more than {MaxRepeatedValues} values, the last one by [*{name}]");
        else
            return target;

        return new Node(ConfigValue.Null(Origin(alias.Start)), Height: 0, Weight: 1);
    }

    private Node BuildList(SequenceStart start, int depth)
    {
        Open(start.Start, isMap: false, start.Style == SequenceStyle.Flow, depth);
        var items = new List<ConfigValue>();
        var (height, weight) = (0, 1L);
        while (_parser.Current is not SequenceEnd)
        {
            var node = BuildNode(depth + 1);
            items.Add(node.Value);
            height = Math.Max(height, node.Height);
            weight += node.Weight;
        }

        Close();
        return new Node(ConfigValue.FromList(items, Origin(start.Start)), height + 1, weight);
    }

    private Node BuildMap(MappingStart start, int depth)
    {
        Open(start.Start, isMap: true, start.Style == MappingStyle.Flow, depth);
        var entries = new List<ConfigEntry>();
        var places = new Dictionary<string, ConfigOrigin>(StringComparer.Ordinal);
        var (height, weight) = (0, 1L);
        while (_parser.Current is not MappingEnd)
        {
            var keyOrigin = Origin(_parser.Current!.Start);
            var key = ReadKey(keyOrigin);
            var node = BuildNode(depth + 1);
            if (key is null)
                continue;
            if (!places.TryAdd(key, keyOrigin))
            {
                _diagnostics.Error(keyOrigin, $"Key [{key}] stands twice in one map; the first is at {places[key]}");
                continue;
            }

            entries.Add(new ConfigEntry(key, keyOrigin, node.Value));
            height = Math.Max(height, node.Height);
            weight += node.Weight;
        }

        Close();
        return new Node(ConfigValue.FromMap(entries, Origin(start.Start)), height + 1, weight);
    }

    /// <summary>The name of an entry, or null when it was reported and the entry is to be left out.</summary>
    private string? ReadKey(ConfigOrigin origin)
    {
        if (_parser.Current is not Scalar scalar)
        {
            _diagnostics.Error(origin, "A key must be a text; maps, lists and aliases can only be values");
            SkipNode();
            return null;
        }

        Next();
        if (scalar.Style != ScalarStyle.Plain)
            return scalar.Value;
        if (!scalar.Tag.IsEmpty)
            _diagnostics.Error(origin, $"Tag [{scalar.Tag}] is not supported; write the key without it");
        if (scalar.Value == "<<")
        {
            _diagnostics.Error(origin, "Merge keys [<<] are not supported; write the keys out, or give the whole value by an alias");
            return null;
        }

        if (scalar.Value.Length > 0)
            return scalar.Value;
        _diagnostics.Error(origin, "A key is missing before [:]");
        return null;
    }

    private void SkipNode()
    {
        var depth = 0;
        do
        {
            depth += _parser.Current!.NestingIncrease;
            Next();
        }
        while (depth > 0);
    }

    private void Open(Mark start, bool isMap, bool isFlow, int depth)
    {
        if (depth >= MaxDepth)
            throw new LimitException(start, $"More than {MaxDepth} levels of maps and lists");
        _open.Push(new OpenCollection(Origin(start), isMap, isFlow));
        Next();
    }

    private void Close()
    {
        _open.Pop();
        Next();
    }

    private OpenCollection? InnermostFlow() => _open.TryPeek(out var open) && open.IsFlow ? open : null;

    private void Expect<T>() where T : ParsingEvent
    {
        if (_parser.Current is not T)
            throw new InvalidOperationException();
        Next();
    }

    private void Next()
    {
        if (_parser.Current is { } current)
            _lastEnd = current.End;
        if (!_parser.MoveNext() && _parser.Current is not StreamEnd)
            throw new InvalidOperationException();
    }

    private ConfigOrigin Origin(Mark mark) => new(_file, (int)mark.Line, (int)mark.Column);

    /// <summary>A value with how deep it is and how many values it has, aliases followed.</summary>
    private readonly record struct Node(ConfigValue Value, int Height, long Weight);

    private sealed class LimitException(Mark mark, string message) : Exception(message)
    {
        public Mark Mark { get; } = mark;
    }
}
