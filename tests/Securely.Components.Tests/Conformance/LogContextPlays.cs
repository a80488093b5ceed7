using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Securely.Encrypt;
using Securely.Log;

namespace Securely.Components.Tests.Conformance;

/// <summary>What each recorded case of the log's context does, by its name.</summary>
internal static class LogContextPlays
{
    private static readonly Dictionary<string, Func<LogContext, object?>> All = new(StringComparer.Ordinal)
    {
        ["add/get/has"] = context => List(context.Add("a", 1).Get("a"), context.Get("z"), context.Get("z", "d"), context.Has("a"), context.Missing("a")),
        ["add many"] = context => context.Add([new("a", 1), new("b", 2)]).All,
        ["addIf"] = context => Nothing(context.Add("a", 1).AddIf("a", 2).AddIf("b", 3)),
        ["push/pop"] = context => List(context.Push("s", "x", "y").Push("s", "z").Pop("s"), context.Get("s")),
        ["push on scalar"] = context => Nothing(context.Add("s", 1).Push("s", 2)),
        ["pop empty"] = context => context.Pop("none"),
        ["pull/only/except/forget"] = context =>
        {
            context.Add([new("a", 1), new("b", 2), new("c", 3)]);
            return List(context.Pull("a"), context.Only("b"), context.Except("b"), context.Forget("c").All);
        },
        ["hidden"] = context => List(context.AddHidden("pw", "s").Get("pw"), context.GetHidden("pw"), context.HasHidden("pw"), context.All),
        ["stackContains"] = context =>
        {
            context.Push("s", 1, 2);
            return List(context.StackContains("s", 1), context.StackContains("s", "1"), context.StackContains("s", "1", strict: true), context.StackContains("s", 9));
        },
        ["remember"] = context => List(context.Remember("k", () => 1), context.Remember("k", () => 2)),
        ["increment"] = context => context.Increment("n").Increment("n", 5).Decrement("n").Get("n"),
        ["scope"] = context =>
        {
            context.Add("a", 1);
            return List(context.Scope(() => context.All, [new("a", 2), new("b", 3)]), context.All);
        },
        ["dehydrate/hydrate"] = Pack,
        ["flush / isEmpty"] = context => List(context.IsEmpty, context.Add("a", 1).IsEmpty, context.Flush().IsEmpty),
    };

    public static bool IsRight(string name, JsonElement row)
    {
        var context = new LogContext();
        JsonNode? value = null;
        var threw = false;
        try
        {
            value = Node(All[name](context));
        }
        catch (InvalidOperationException)
        {
            threw = true;
        }

        return (row.TryGetProperty("value", out var expected) ? !threw && Same(value, expected) : threw)
            && Same(Node(context.All), row.GetProperty("all")) && Same(Node(context.AllHidden), row.GetProperty("hidden"));
    }

    /// <summary>The caller chooses how values become text; here it is PHP's way.</summary>
    private static object?[] Pack(LogContext context)
    {
        context.Add("a", LogPlays.Map("x", 1)).AddHidden("h", 2);
        var pack = context.Dehydrate(value => Encoding.UTF8.GetString(PhpSerializer.Serialize(Php(value))));
        var next = new LogContext().Hydrate(pack, text => Plain(PhpSerializer.Deserialize(Encoding.UTF8.GetBytes(text))));
        var packed = new KeyValuePair<string, object?>[] { new("data", Texts(pack.Data)), new("hidden", Texts(pack.Hidden)) };
        return List(packed, next.All, next.AllHidden);
    }

    private static KeyValuePair<string, object?>[] Texts(IEnumerable<KeyValuePair<string, string>> texts) => [.. texts.Select(text => KeyValuePair.Create(text.Key, (object?)text.Value))];

    private static PhpValue Php(object? value) => value switch
    {
        int number => PhpValue.Of(number),
        IReadOnlyList<KeyValuePair<string, object?>> map => PhpValue.Map(map.Select(entry => KeyValuePair.Create(PhpValue.Of(entry.Key), Php(entry.Value)))),
        _ => PhpValue.Null,
    };

    private static object? Plain(PhpValue value) => value.Kind switch
    {
        PhpKind.WholeNumber => (int)value.AsInteger(),
        PhpKind.Array => value.Items.Select(entry => KeyValuePair.Create(entry.Key.AsText(), Plain(entry.Value))).ToArray(),
        _ => null,
    };

    private static object?[] List(params object?[] values) => values;

    private static LogContext? Nothing(LogContext context) => context.IsEmpty ? context : null;

    private static JsonNode? Node(object? value) => value switch
    {
        IReadOnlyList<KeyValuePair<string, object?>> { Count: 0 } => new JsonArray(),
        IReadOnlyList<KeyValuePair<string, object?>> map => new JsonObject([.. map.Select(entry => KeyValuePair.Create(entry.Key, Node(entry.Value)))]),
        IReadOnlyList<object?> list => new JsonArray([.. list.Select(Node)]),
        long number => JsonValue.Create(number),
        _ => EventsPlay.Node(value),
    };

    private static bool Same(JsonNode? actual, JsonElement expected) => JsonNode.DeepEquals(actual, JsonNode.Parse(expected.GetRawText()));
}
