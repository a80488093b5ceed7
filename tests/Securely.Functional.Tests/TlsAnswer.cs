using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Securely.Net;

namespace Securely.Functional.Tests;

/// <summary>Answers <c>hello</c> to every connection over the platform's own TLS, with certificates of a source, on a free port of 127.0.0.1.</summary>
internal sealed class TlsAnswer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CertificateSource _source;
    private readonly Task _accepting;

    public TlsAnswer(CertificateSource source)
    {
        _source = source;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
                await AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // The test has ended.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        await using (var tls = new SslStream(client.GetStream()))
        {
            try
            {
                await tls.AuthenticateAsServerAsync(
                    async (_, hello, _, cancellationToken) => new SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = (await _source.FindAsync(hello.ServerName, cancellationToken) ?? throw new AuthenticationException("no certificate")).Context,
                    },
                    null,
                    _stop.Token);
                await tls.ReadAtLeastAsync(new byte[1], 1, cancellationToken: _stop.Token);
                await tls.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"), _stop.Token);
                await tls.ShutdownAsync();
            }
            catch (Exception error) when (error is IOException or AuthenticationException)
            {
                // The client did not like what it saw, or was refused; it says so itself.
            }
        }
    }
}
