using Securely.Log;

namespace Securely.Components.Tests.Conformance;

/// <summary>The recorded cases of the log that do nothing but log.</summary>
internal static class LogMessagePlays
{
    public static IReadOnlyDictionary<string, Action<LogPlay>> All { get; } = new Dictionary<string, Action<LogPlay>>([.. Messages(), .. Channels()], StringComparer.Ordinal);

    private static Dictionary<string, Action<LogPlay>> Messages() => new(StringComparer.Ordinal)
    {
        ["no context"] = play => Twice(play, log => log.Info("m"), log => log.Info("m", [])),
        ["context list"] = play => play.Log.Info("m", [new("0", "a"), new("1", "b")]),
        ["context nested 12 deep"] = play => play.Log.Info("m", Nested(12)),
        ["exception in context"] = play => play.Log.Error("m", LogPlays.Map("exception", Thrown())),
        ["message multi line"] = play => play.Log.Info("a\nb\r\nc"),
        ["message unicode"] = play => play.Log.Info("zażółć"),
        ["message with placeholder"] = play => play.Log.Info("user {id}", LogPlays.Map("id", 7)),
        ["replace_placeholders"] = play => play.Log.Info(
            "user {id} {missing} {n.x} {b} {a} {d}",
            [new("id", 7), new("n", LogPlays.Map("x", 1)), new("b", false), new("a", new object?[] { 1 }), new("d", null)]),
        ["message int and null"] = play => Twice(play, log => log.Info("5"), log => log.Info("")),
        ["log() with any level"] = play => Twice(play, log => log.Log("info", "a"), log => log.Log("WARNING", "b")),
        ["log() with bad level"] = play => play.Log.Log("loud", "a"),
        ["write"] = play => play.Log.Log("error", "w", LogPlays.Map("a", 1)),
        ["json formatter"] = play => play.Log.Warning("hi", [new("a", 1), new("u", "ż/")]),
        ["line formatter with format"] = play => play.Log.Warning("hi", LogPlays.Map("a", 1)),
        ["monolog driver with stream handler"] = play => Twice(play, log => log.Info("no"), log => log.Notice("yes")),
    };

    private static Dictionary<string, Action<LogPlay>> Channels() => new(StringComparer.Ordinal)
    {
        ["withContext / withoutContext"] = play =>
        {
            play.Log.WithContext(LogPlays.Map("req", 1));
            play.Log.Info("a", LogPlays.Map("x", 2));
            play.Log.WithContext(LogPlays.Map("more", 2));
            play.Log.Info("b", LogPlays.Map("req", "own"));
            play.Log.WithoutContext();
            play.Log.Info("c");
        },
        ["withoutContext keys"] = play =>
        {
            play.Log.WithContext([new("a", 1), new("b", 2)]);
            play.Log.WithoutContext("a");
            play.Log.Info("x");
        },
        ["stack"] = InfoAndError,
        ["stack from string"] = InfoAndError,
        ["bubble false in stack"] = InfoAndError,
        ["stack with unknown channel"] = play => play.Log.Info("i"),
        ["on-demand stack"] = play => play.Manager.Stack(["single", "errs"], "mine").Error("e"),
        ["on-demand build"] = play => play.Manager.Build(play.Single("od.log")).Info("x"),
        ["Context lands in extra"] = play =>
        {
            play.Manager.Context.Add("trace", "t1").AddHidden("pw", "s");
            play.Log.Info("x", LogPlays.Map("a", 1));
        },
    };

    private static void Twice(LogPlay play, Action<LogChannel> first, Action<LogChannel> second)
    {
        first(play.Log);
        second(play.Log);
    }

    private static void InfoAndError(LogPlay play) => Twice(play, log => log.Info("i"), log => log.Error("e"));

    private static KeyValuePair<string, object?>[] Nested(int depth)
    {
        object? value = "end";
        for (var i = 0; i < depth; i++)
            value = LogPlays.Map($"l{i}", value);
        return (KeyValuePair<string, object?>[])value;
    }

    private static RuntimeException Thrown()
    {
        try
        {
            throw new RuntimeException("why", new InvalidOperationException("inner")) { HResult = 5 };
        }
        catch (RuntimeException error)
        {
            return error;
        }
    }

    private sealed class RuntimeException(string message, Exception inner) : Exception(message, inner);
}
