using System.Text;
using BenchmarkDotNet.Attributes;
using Securely.Http;

namespace Securely.Benchmarks;

/// <summary>Heads of HTTP/1: reading a request and a response, and what a proxy does with a request's head between two connections.</summary>
[MemoryDiagnoser]
public class HttpParsing
{
    private readonly RequestHeader _request = new();
    private readonly RequestHeader _upstream = new();
    private readonly ResponseHeader _response = new();
    private readonly byte[] _output = new byte[4096];
    private byte[] _requestBytes = [];
    private byte[] _responseBytes = [];
    private RequestParser _requestParser = new(HttpLimits.Default);
    private ResponseParser _responseParser = new(HttpLimits.Default);

    /// <summary>How many fields the head has: a load generator's, and a browser's.</summary>
    [Params(3, 12)]
    public int Fields { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        string[] requestFields =
        [
            "Host: app.test", "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Accept: */*",
            "Accept-Language: en-GB,en;q=0.8,de;q=0.5", "Accept-Encoding: gzip, deflate, br, zstd", "Referer: http://app.test/start",
            "Connection: keep-alive", "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark", "Sec-Fetch-Dest: empty",
            "Sec-Fetch-Mode: cors", "Sec-Fetch-Site: same-origin", "X-Request-Id: 7c9e6679-7425-40de-944b-e07fc1f90ae7",
        ];
        string[] responseFields =
        [
            "Server: origin", "Content-Type: text/html; charset=utf-8", "Content-Length: 13", "Date: Fri, 21 Nov 2025 20:37:00 GMT",
            "Cache-Control: private, max-age=0", "ETag: \"33a64df551425fcc55e4d42a148795d9f25f89d4\"", "Vary: Accept-Encoding",
            "Connection: keep-alive", "Set-Cookie: session=0123456789abcdef; HttpOnly", "X-Frame-Options: DENY",
            "X-Content-Type-Options: nosniff", "Strict-Transport-Security: max-age=31536000",
        ];
        _requestBytes = Encoding.ASCII.GetBytes($"GET /articles/2025/11?page=2 HTTP/1.1\r\n{Lines(requestFields)}\r\n");
        _responseBytes = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{Lines(responseFields)}\r\n");
    }

    [Benchmark]
    public bool ParseRequest()
    {
        _requestParser.Reset();
        var done = _requestParser.Parse(_request, _requestBytes, 0, _requestBytes.Length) == HeadStatus.Done;
        _request.Reset();
        return done;
    }

    [Benchmark]
    public bool ParseResponse()
    {
        _responseParser.Reset(KnownMethod.Get, upgradeRequested: false);
        var done = _responseParser.Parse(_response, _responseBytes, 0, _responseBytes.Length) == HeadStatus.Done;
        _response.Reset();
        return done;
    }

    /// <summary>Read, copy, drop what belongs to the connection, write.</summary>
    [Benchmark]
    public int ForwardRequest()
    {
        _requestParser.Reset();
        _requestParser.Parse(_request, _requestBytes, 0, _requestBytes.Length);
        _upstream.CopyFrom(_request);
        HeaderRules.RemoveHopByHop(_upstream.Headers);
        var written = HeaderSerializer.Write(_upstream, _output);
        _upstream.Reset();
        _request.Reset();
        return written;
    }

    private string Lines(string[] fields) => string.Concat(fields[..Fields].Select(field => field + "\r\n"));
}
