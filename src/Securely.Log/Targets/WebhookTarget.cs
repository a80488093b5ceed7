using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Securely.Log;

/// <summary>Posts the records that waited together to an address, one a line (<c>application/x-ndjson</c>); redirects are not followed, and an answer that is no success is a failure.</summary>
internal sealed class WebhookTarget : LogTarget
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromSeconds(10),
    };

    private readonly Uri _address;

    public WebhookTarget(string url) => _address = Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
        ? address
        : throw new LogConfigurationException($"Address [{url}] is not one of a webhook; write it as in https://HOST/PATH.");

    public override async ValueTask WriteAsync(IReadOnlyList<LogLine> lines, CancellationToken cancellationToken)
    {
        using var content = new StringContent(string.Concat(lines.Select(line => line.Text)), Encoding.UTF8, new MediaTypeHeaderValue("application/x-ndjson"));
        using var response = await _client.PostAsync(_address, content, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException(string.Create(CultureInfo.InvariantCulture, $"it answered {(int)response.StatusCode}"));
    }

    public override ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Without path and query: they may be secret.</summary>
    public override string ToString() => _address.GetLeftPart(UriPartial.Authority);
}
