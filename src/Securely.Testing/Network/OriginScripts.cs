using System.Globalization;
using System.Text;

namespace Securely.Testing;

/// <summary>Ready scripts for a <see cref="TestOrigin"/>. Each reads requests with their bodies and answers until the connection ends.</summary>
public static class OriginScripts
{
    /// <summary>Answers every request with 200 and <paramref name="body"/>.</summary>
    public static Func<TestOriginConnection, Task> Ok(string body = "ok") => EachRequest((connection, _, _) => connection.SendOkAsync(body));

    /// <summary>Answers every request with its own head as the body, so that a client sees what arrived.</summary>
    public static Func<TestOriginConnection, Task> EchoHead() => EachRequest((connection, head, _) => connection.SendOkAsync(head));

    /// <summary>Answers every request with its own body.</summary>
    public static Func<TestOriginConnection, Task> EchoBody() => EachRequest((connection, _, body) => connection.SendOkAsync(Encoding.Latin1.GetString(body)));

    /// <summary>Answers with the number of requests so far, over all connections that run the returned script: 1, 2, 3.</summary>
    public static Func<TestOriginConnection, Task> HitCounter()
    {
        var hits = 0;
        return EachRequest((connection, _, _) => connection.SendOkAsync(Interlocked.Increment(ref hits).ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Answers every request with literal bytes.</summary>
    public static Func<TestOriginConnection, Task> Raw(string response) => EachRequest((connection, _, _) => connection.SendAsync(response));

    /// <summary>Reads request after request and lets <paramref name="answer"/> respond to each, given its head and body.</summary>
    public static Func<TestOriginConnection, Task> EachRequest(Func<TestOriginConnection, string, byte[], Task> answer) => async connection =>
    {
        while (await connection.TryReadHeadAsync() is { } head)
            await answer(connection, head, await connection.ReadBodyAsync(head));
    };
}
