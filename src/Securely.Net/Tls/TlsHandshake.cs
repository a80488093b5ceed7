using System.Net.Security;
using System.Security.Authentication;

namespace Securely.Net;

/// <summary>
/// Both sides of a handshake. It runs on the connection's worker as long as that is cheap; signatures of RSA keys and the judgement of a
/// server's certificates run on the thread pool.
/// </summary>
internal static class TlsHandshake
{
    // A fatal alert, unrecognized_name (RFC 6066 3).
    private static readonly byte[] _unknownName = [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x70];

    /// <summary>
    /// Answers a client's handshake; the connection is closed when it fails. Why is returned: clients that never finish are many at a time, and an
    /// exception that rises through several methods costs more than the rest of such a client.
    /// </summary>
    /// <returns>The one or the other; neither when the service stops before the client has sent anything.</returns>
    internal static async ValueTask<(TlsConnection? Served, NetException? Failure)> AcceptAsync(Connection inner, ServerTls tls, CancellationToken shutdown)
    {
        TlsTransport? transport = null;
        Attempt? attempt = null;
        try
        {
            inner.SetReadDeadline(tls.HandshakeTimeout);
            inner.SetWriteDeadline(tls.HandshakeTimeout);
            // Nothing is made for a client that sends nothing.
            if (!await inner.WaitReadableAsync())
                return default;
            transport = new TlsTransport(inner);
            inner.IsExpendable = true;
            await transport.GatherHelloAsync();
            // A handshake takes as long as many requests: the answers to those go first.
            inner.Worker?.Held.Flush();
            attempt = new Attempt(transport, tls, shutdown);
            await InvokeAsync(attempt, static a => a.Ssl.AuthenticateAsServerAsync(static (_, hello, state, token) => ((Attempt)state!).SelectAsync(hello, token), a, CancellationToken.None));
            return (attempt.Finish(), null);
        }
        catch (Exception e)
        {
            if (attempt is { IsNameUnknown: true } && !inner.IsClosed)
                await SendAlertAsync(inner);
            transport?.DropHello();
            inner.Close();
            attempt?.Ssl.Dispose();
            return (null, ToException(e, inner, ErrorSource.Downstream, attempt is { IsNameUnknown: true } ? $"asked for a name that has no certificate [{attempt.ServerName}]" : "failed its TLS handshake"));
        }
    }

    /// <summary>Begins TLS with a server; the connection is closed when it fails.</summary>
    internal static async ValueTask<TlsConnection> ConnectAsync(Connection inner, ClientTls tls, TimeSpan timeout)
    {
        inner.SetReadDeadline(timeout);
        inner.SetWriteDeadline(timeout);
        var attempt = new Attempt(new TlsTransport(inner), tls.ServerName);
        var isRefused = false;
        var options = tls.MakeOptions(inner.RemoteAddress, () => isRefused = true);
        try
        {
            await Task.Run(() => attempt.Ssl.AuthenticateAsClientAsync(options, CancellationToken.None), CancellationToken.None);
            return attempt.Finish();
        }
        catch (Exception e)
        {
            inner.Close();
            attempt.Ssl.Dispose();
            var what = isRefused ? "showed a certificate that is not trusted" : "failed the TLS handshake";
            throw ToException(e, inner, ErrorSource.Upstream, tls.ServerName.Length == 0 ? what : $"{what} for [{tls.ServerName}]", isRefused);
        }
    }

    /// <summary>Runs the beginning of the handshake without the worker's context, and comes back to it at the end.</summary>
    private static Task InvokeAsync(Attempt attempt, Func<Attempt, Task> handshake)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return handshake(attempt);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private static async ValueTask SendAlertAsync(Connection inner)
    {
        try
        {
            await inner.WriteAsync(_unknownName);
            inner.ShutdownWrite();
        }
        catch (NetException)
        {
            // It has gone already.
        }
    }

    private static NetException ToException(Exception error, Connection inner, ErrorSource source, string what, bool isRefused = false)
    {
        var (kind, cause) = error switch
        {
            NetException { IsTimeout: true } => (NetErrorKind.TlsHandshakeTimedOut, "it took too long"),
            NetException e => (e.Kind == NetErrorKind.ConnectionClosed ? e.Kind : NetErrorKind.TlsHandshakeFailed, e.Message),
            _ when isRefused => (NetErrorKind.InvalidCertificate, error.Message),
            AuthenticationException { InnerException: { } inside } => (NetErrorKind.TlsHandshakeFailed, inside.Message),
            _ => (NetErrorKind.TlsHandshakeFailed, error.Message),
        };
        return new NetException(kind, $"Connection [{inner.RemoteAddress?.ToString() ?? "local"}] {what}: {cause}", source, error) { Connection = inner };
    }

    private sealed class Attempt
    {
        private readonly Connection _inner;
        private readonly TlsTransport _transport;
        private readonly ServerTls? _tls;
        private readonly CancellationToken _shutdown;

        internal Attempt(TlsTransport transport, string serverName)
        {
            _inner = transport.Inner;
            _transport = transport;
            Ssl = new SslStream(transport, leaveInnerStreamOpen: true);
            ServerName = serverName;
        }

        internal Attempt(TlsTransport transport, ServerTls tls, CancellationToken shutdown)
            : this(transport, "")
        {
            _tls = tls;
            _shutdown = shutdown;
        }

        internal SslStream Ssl { get; }

        internal string ServerName { get; private set; }

        internal bool IsNameUnknown { get; private set; }

        internal async ValueTask<SslServerAuthenticationOptions> SelectAsync(SslClientHelloInfo hello, CancellationToken cancellationToken)
        {
            var name = ServerTls.NormalizeName(hello.ServerName);
            ServerName = name ?? "";
            var certificate = name is null ? null : await _tls!.Certificates.FindAsync(name, _shutdown).ConfigureAwait(false);
            if (certificate is null)
            {
                IsNameUnknown = true;
                throw new AuthenticationException($"There is no certificate for [{hello.ServerName}]");
            }

            if (certificate.IsExpensive && Worker.Current is not null)
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            return _tls!.OptionsFor(certificate);
        }

        internal TlsConnection Finish()
        {
            _inner.SetReadDeadline(Timeout.InfiniteTimeSpan);
            _inner.SetWriteDeadline(Timeout.InfiniteTimeSpan);
            _inner.IsExpendable = false;
            return new TlsConnection(_transport, Ssl, ServerName);
        }
    }
}
