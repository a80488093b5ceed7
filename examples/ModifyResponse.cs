using System.Buffers;
using System.Text;
using System.Text.Json;
using Securely.Hosting;
using Securely.Http;
using Securely.Proxy;

namespace Securely.Examples;

/// <summary>
/// Rewrites a body: JSON of the upstream reaches the client as YAML. The body is collected until it is whole; as its length changes, its
/// Content-Length goes, and the client gets chunks.
/// </summary>
/// <remarks>Try <c>curl -i 127.0.0.1:8080/</c>, and <c>curl 127.0.0.1:4001/</c> for what the upstream says.</remarks>
internal sealed class JsonToYaml : HttpProxy<JsonToYaml.Rewriting>
{
    private readonly HttpPeer _upstream = HttpPeer.Parse("127.0.0.1:4001");

    public static async Task<int> RunAsync()
    {
        var front = new ProxyService<Rewriting>(new JsonToYaml());
        front.AddTcp("127.0.0.1:8080");
        var upstream = new HttpService("json", new Answer(), new HttpServiceOptions { Threads = 1 });
        upstream.AddTcp("127.0.0.1:4001");

        await using var server = new Server(loggerFactory: new ConsoleLog());
        server.Add(upstream);
        server.Add(front);
        return await server.RunAsync();
    }

    public override Rewriting NewContext() => new();

    public override ValueTask<HttpPeer> UpstreamPeerAsync(Session session, Rewriting rewriting, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_upstream);

    public override ValueTask ResponseFilterAsync(Session session, ResponseHeader response, Rewriting rewriting, CancellationToken cancellationToken)
    {
        rewriting.IsOn = response.Headers.TryGet(HeaderName.ContentType, out var type) && type.StartsWith("application/json"u8);
        if (!rewriting.IsOn)
            return default;
        response.Headers.Remove(HeaderName.ContentLength);
        response.Headers.Set(HeaderName.ContentType, "application/yaml");
        return default;
    }

    public override BodyResult ResponseBodyFilter(Session session, ReadOnlyMemory<byte> body, bool endOfStream, Rewriting rewriting)
    {
        if (!rewriting.IsOn)
            return new BodyResult(body);
        rewriting.Json.Write(body.Span);
        if (!endOfStream)
            return default;
        using var json = JsonDocument.Parse(rewriting.Json.WrittenMemory);
        var yaml = new StringBuilder();
        Write(json.RootElement, yaml, "");
        return new BodyResult(Encoding.UTF8.GetBytes(yaml.ToString()));
    }

    private static void Write(JsonElement value, StringBuilder yaml, string indent)
    {
        if (!HasItems(value))
        {
            // What JSON writes for a single value means the same in YAML.
            yaml.Append(indent).Append(value.GetRawText()).Append('\n');
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in value.EnumerateObject())
                WriteItem(property.Value, yaml, indent, $"\"{JsonEncodedText.Encode(property.Name)}\":");
        }
        else
        {
            foreach (var item in value.EnumerateArray())
                WriteItem(item, yaml, indent, "-");
        }
    }

    private static void WriteItem(JsonElement value, StringBuilder yaml, string indent, string lead)
    {
        yaml.Append(indent).Append(lead).Append(HasItems(value) ? '\n' : ' ');
        Write(value, yaml, HasItems(value) ? indent + "  " : "");
    }

    private static bool HasItems(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.GetPropertyCount() > 0,
        JsonValueKind.Array => value.GetArrayLength() > 0,
        _ => false,
    };

    /// <summary>What has been collected of one body.</summary>
    internal sealed class Rewriting
    {
        public bool IsOn { get; set; }

        public ArrayBufferWriter<byte> Json { get; } = new();
    }

    private sealed class Answer : IHttpHandler
    {
        public ValueTask HandleAsync(ServerSession session, CancellationToken shutdown) => session.RespondAsync(
            200, "{\"name\": \"Securely\", \"parts\": [\"proxy\", {\"name\": \"server\", \"stable\": true}], \"users\": null}"u8.ToArray(), "application/json");
    }
}
