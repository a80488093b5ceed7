using System.Text.Json.Nodes;
using Securely.Events;

namespace Securely.Components.Tests.Conformance;

/// <summary>What each recorded case of events does, by its name.</summary>
internal static class EventsPlays
{
    public static IReadOnlyDictionary<string, Func<EventsPlay, Task<JsonNode?>>> All { get; } =
        new Dictionary<string, Func<EventsPlay, Task<JsonNode?>>>([.. EventsAnswers.All, .. Listeners, .. Registers], StringComparer.Ordinal);

    private static Dictionary<string, Func<EventsPlay, Task<JsonNode?>>> Listeners => new(StringComparer.Ordinal)
    {
        ["order: exact listeners before wildcards"] = async play =>
        {
            play.Listen("a.*", "wild", 1);
            play.Listen("a.b", "exact", 2);
            play.Listen("*", "star", 3);
            play.Listen("a.b", "exact2", 4);
            return await play.DispatchAsync("a.b");
        },
        ["object event"] = async play =>
        {
            play.Listen<UserCreated>("o");
            return EventsPlay.List(await play.Events.DispatchAsync(new UserCreated()));
        },
        ["interfaces after class, parents not"] = Interfaces,
        ["closure type hint gives the event"] = async play =>
        {
            play.Events.Listen<UserCreated>(message => play.Log.Add((JsonNode)message.Id));
            await play.Events.DispatchAsync(new UserCreated());
            return null;
        },
        ["closure union type"] = async play =>
        {
            play.Events.Listen<UserCreated>(message => play.Say(message.GetType().Name));
            play.Events.Listen<ChildEvent>(message => play.Say(message.GetType().Name));
            await play.Events.DispatchAsync(new UserCreated());
            await play.Events.DispatchAsync(new ChildEvent());
            return null;
        },
        ["many events one listener"] = async play =>
        {
            play.Events.Listen(["a", "b"], play.Hear("m", isWildcard: false));
            await play.DispatchAsync("a");
            await play.DispatchAsync("b");
            return null;
        },
        ["class listeners"] = ClassListeners,
        ["subscriber returning a map"] = async play =>
        {
            play.Events.Subscribe(new Sub(play));
            await play.DispatchAsync("a", "e");
            await play.DispatchAsync("b", "e");
            return null;
        },
        ["subscriber by class name"] = async play =>
        {
            play.Events.Subscribe(new Sub(play));
            await play.DispatchAsync("a", "e");
            return null;
        },
    };

    private static Dictionary<string, Func<EventsPlay, Task<JsonNode?>>> Registers => new(StringComparer.Ordinal)
    {
        ["imperative subscriber"] = async play =>
        {
            play.Events.Subscribe(new SubImperative(play));
            foreach (var name in new[] { "a", "b", "c" })
                await play.DispatchAsync(name);
            return null;
        },
        ["push / flush"] = PushAndFlush,
        ["forgetPushed"] = async play =>
        {
            play.Listen("u", "u");
            play.Events.Push("u", ["x"]);
            play.Events.ForgetPushed();
            await play.Events.FlushAsync("u");
            return null;
        },
        ["forget"] = async play =>
        {
            play.Listen("a", "a");
            play.Events.Forget("a");
            await play.DispatchAsync("a");
            return play.Events.HasListeners("a");
        },
        ["forget wildcard"] = async play =>
        {
            play.Listen("a.*", "w");
            await play.DispatchAsync("a.b");
            play.Events.Forget("a.*");
            await play.DispatchAsync("a.b");
            return EventsPlay.List([play.Events.HasListeners("a.*"), play.Events.HasListeners("a.b")]);
        },
        ["hasListeners"] = async play =>
        {
            play.Listen("a", "a");
            play.Listen("w.*", "w");
            var has = new[] { "a", "b", "w.x", "w.*" }.Select(name => (object)play.Events.HasListeners(name));
            return await Task.FromResult(EventsPlay.List([.. has, play.Events.HasWildcardListeners("w.x")]));
        },
        ["listener throws: later ones do not run"] = async play =>
        {
            play.Listen("a", 1);
            play.Events.Listen("a", (_, _) => throw new EventsPlay.Boom());
            play.Listen("a", 3);
            return await play.DispatchAsync("a");
        },
        ["listener added while dispatching"] = AddedWhileDispatching,
        ["nested dispatch is depth first"] = Nested,
        ["same listener twice runs twice"] = async play =>
        {
            var listener = play.Hear("x", isWildcard: false);
            play.Events.Listen("a", listener);
            play.Events.Listen("a", listener);
            await play.DispatchAsync("a");
            return null;
        },
        ["wildcard until"] = async play =>
        {
            play.Listen("a.*", "w", "W");
            return await play.UntilAsync("a.b");
        },
        ["wildcard returning false stops"] = async play =>
        {
            play.Listen("a.*", "w1", false);
            play.Listen("a.*", "w2", "x");
            return await play.DispatchAsync("a.b");
        },
        ["defer holds events until the callback ends"] = Deferred,
        ["defer only some"] = DeferredSome,
        ["defer when the callback throws"] = async play =>
        {
            play.Listen("a", "a");
            await play.Events.DeferAsync(async _ =>
            {
                await play.DispatchAsync("a");
                throw new EventsPlay.Boom();
            });
            return null;
        },
    };

    private static async Task<JsonNode?> Interfaces(EventsPlay play)
    {
        play.Listen<IMarker>("marker");
        play.Listen<ParentEvent>("parent");
        play.Listen<ChildEvent>("child");
        await play.Events.DispatchAsync(new ChildEvent());
        return null;
    }

    /// <summary>By class, by class and method twice, and by an object's method; here all are delegates.</summary>
    private static async Task<JsonNode?> ClassListeners(EventsPlay play)
    {
        play.Listen("a", "H::handle");
        for (var i = 0; i < 3; i++)
            play.Events.Listen("a", _ => play.Say("H::other"));
        await play.DispatchAsync("a", "p");
        return null;
    }

    private static async Task<JsonNode?> PushAndFlush(EventsPlay play)
    {
        play.Listen("u", "u");
        play.Events.Push("u", ["first"]);
        play.Events.Push("u", ["second"]);
        play.Say("-- before flush");
        await play.Events.FlushAsync("u");
        play.Say("-- again");
        await play.Events.FlushAsync("u");
        return null;
    }

    private static async Task<JsonNode?> AddedWhileDispatching(EventsPlay play)
    {
        play.Events.Listen("a", _ =>
        {
            play.Say("first");
            play.Listen("a", "late");
        });
        await play.DispatchAsync("a");
        play.Say("--");
        await play.DispatchAsync("a");
        return null;
    }

    private static async Task<JsonNode?> Nested(EventsPlay play)
    {
        play.Events.Listen("a", async (_, _) =>
        {
            play.Say("a1");
            await play.DispatchAsync("b");
            play.Say("a1 end");
            return null;
        });
        play.Listen("a", "a2");
        play.Listen("b", "b");
        await play.DispatchAsync("a");
        return null;
    }

    private static async Task<JsonNode?> Deferred(EventsPlay play)
    {
        play.Listen("a", "a");
        play.Listen("b", "b");
        return await play.Events.DeferAsync(async _ =>
        {
            await play.DispatchAsync("a", 1);
            play.Say("in");
            await play.DispatchAsync("b");
            return JsonValue.Create("ret");
        });
    }

    private static async Task<JsonNode?> DeferredSome(EventsPlay play)
    {
        play.Listen("a", "a");
        play.Listen("b", "b");
        await play.Events.DeferAsync(
            async _ =>
            {
                await play.DispatchAsync("a");
                await play.DispatchAsync("b");
                play.Say("in");
            },
            ["a"]);
        return null;
    }

    private interface IMarker;

    private sealed class UserCreated
    {
        public int Id => 7;
    }

    private class ParentEvent;

    private sealed class ChildEvent : ParentEvent, IMarker;

    private sealed class Sub(EventsPlay play) : ISubscriber
    {
        public void Subscribe(IDispatcher dispatcher)
        {
            dispatcher.Listen("a", _ => play.Say("Sub::onA"));
            dispatcher.Listen("b", _ => play.Say("Sub::onB"));
            dispatcher.Listen("b", _ => play.Say("Sub::onA"));
        }
    }

    private sealed class SubImperative(EventsPlay play) : ISubscriber
    {
        public void Subscribe(IDispatcher dispatcher) => dispatcher.Listen(["a", "b", "c"], (_, _) =>
        {
            play.Say("SubImperative::handle");
            return ValueTask.FromResult<object?>(null);
        });
    }
}
