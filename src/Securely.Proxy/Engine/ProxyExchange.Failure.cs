using Microsoft.Extensions.Logging;
using Securely.Http;
using Securely.Net;

namespace Securely.Proxy;

/// <content>What failed, whose fault it was, and what the client is told.</content>
internal sealed partial class ProxyExchange<TContext>
{
    /// <summary>13. Ends a failed try: the pump stops, the upstream is let go, and the error says whether another try can help.</summary>
    private async ValueTask<ProxyError> EndTryAsync(Exception exception)
    {
        var error = _pumpError ?? ToError(exception);
        if (_pumpError is null && _isGone)
            error = new ProxyError(ErrorKind.ConnectionClosed, ErrorSource.Downstream, "The client has gone", exception);
        _pumpError = null;
        observer?.EndTry(ref _course, error);
        _trace?.EndTry(error);
        if (_up is not { } up)
            return error;
        if (error.Source == ErrorSource.Upstream)
            error = Judge(up, error);
        // On a shared connection the streams of others may take the last places again and again: who was refused twice has one of its own.
        _mustBeNew |= up.IsReused && (!up.IsRefused || _tries > 1);
        // A connection that knows nothing of the request is as good as before.
        if (up.HasSent || _isPumping || error.Source == ErrorSource.Upstream)
            up.Abort(new NetException(NetErrorKind.ConnectionClosed, "The try has failed", ErrorSource.Upstream));
        if (error.Retry == RetryKind.Always && _down.ResponseWritten is null)
        {
            await InterruptPumpAsync();
            if (!_retryBuffer.IsTruncated)
            {
                ReleaseUpstream();
                return error;
            }

            error.Retry = RetryKind.Never;
        }

        GiveUpBody();
        return error;
    }

    private ProxyError Judge(ClientSession up, ProxyError error)
    {
        try
        {
            return proxy.ErrorWhileProxy(_session, _peer!, error, _context, up.IsReused);
        }
        catch (Exception e)
        {
            return ToError(e);
        }
    }

    /// <summary>14. Answers, unless a response has begun; then the client must not take it for a whole one.</summary>
    private async ValueTask FailAsync(ProxyError error)
    {
        observer?.Failed(error);
        if (!SuppressLog(error))
            LogFailed(error);
        if (_down.IsResponseEnded)
        {
            _down.KeepAlive = false;
            return;
        }

        if (_down.ResponseWritten is not null)
        {
            _down.Abort(new NetException(NetErrorKind.ConnectionClosed, "The response was cut", ErrorSource.Upstream));
            return;
        }

        try
        {
            if (_hasChosenPeer)
                _down.KeepAlive = false;
            var result = await proxy.FailToProxyAsync(_session, error, _context, Aborted);
            if (!result.CanReuseDownstream)
                _down.KeepAlive = false;
            if (_down.ResponseWritten is null)
                _down.Abort(new NetException(NetErrorKind.ConnectionClosed, "The request was not answered", ErrorSource.Internal));
        }
        catch (Exception e)
        {
            if (e is not NetException || !_down.Connection.IsClosed)
                LogPhaseFailed(logger, e, "FailToProxyAsync", Summary());
            _down.Abort(new NetException(NetErrorKind.Internal, "The request could not be answered", ErrorSource.Internal, e));
        }
    }

    private bool SuppressLog(ProxyError error)
    {
        try
        {
            return proxy.SuppressErrorLog(_session, _context, error);
        }
        catch (Exception e)
        {
            LogPhaseFailed(logger, e, "SuppressErrorLog", Summary());
            return false;
        }
    }

    private void LogFailed(ProxyError error)
    {
        // A client can fail as often as it likes, so it must not fill the log; and only a fault of ours needs its stack.
        var isOfClient = error.Source == ErrorSource.Downstream;
        var level = isOfClient ? LogLevel.Debug : LogLevel.Error;
        if (!logger.IsEnabled(level) || (!isOfClient && !failures.TryEnter(Worker.Current!, _peer?.Address, error, UpstreamName())))
            return;
        LogRequestFailed(logger, level, error.Source == ErrorSource.Internal ? error.Cause : null, Summary(), UpstreamName(), FailureLog.Describe(error));
    }

    private string UpstreamName() => (_course.Upstream?.Name, _peer) switch
    {
        (null, null) => "none",
        (null, { } peer) => peer.ToString(),
        ({ } name, null) => name,
        ({ } name, { } peer) => $"{name} at {peer}",
    };

    private ProxyError ToError(Exception exception) => exception switch
    {
        ProxyException e => e.Error,
        NetException e => FromNet(e),
        Http.HttpProtocolException => new ProxyError(ErrorKind.InvalidHttpHeader, ErrorSource.Upstream, exception.Message, exception),
        HttpBodyException e => FromBody(e),
        OperationCanceledException when _isGone => new ProxyError(ErrorKind.ConnectionClosed, ErrorSource.Downstream, "The client has gone", exception),
        _ => new ProxyError(ErrorKind.InternalError, ErrorSource.Internal, exception.Message, exception),
    };

    private ProxyError FromNet(NetException e)
    {
        var source = e.Origin != ErrorSource.Unset ? e.Origin
            : ReferenceEquals(e.Connection, _down.Connection) ? ErrorSource.Downstream
            : _up is not null && IsOf(_up, e) ? ErrorSource.Upstream
            : ErrorSource.Internal;
        var error = new ProxyError(Kind(e.Kind), source, e.Message, e);
        if (source == ErrorSource.Upstream && _up is { IsRefused: true })
            error.Retry = RetryKind.Always;
        else if (source == ErrorSource.Upstream && _up is { HasReceived: false }
            && e.Kind is NetErrorKind.ReadError or NetErrorKind.WriteError or NetErrorKind.ConnectionClosed)
            error.Retry = RetryKind.OnReusedConnection;
        return error;
    }

    /// <summary>A connection of the user's own may not name itself in its errors.</summary>
    private bool IsOf(ClientSession up, NetException e) => e.Connection is null ? _peer!.Options.Connect is not null : ReferenceEquals(e.Connection, up.Connection);

    private static ProxyError FromBody(HttpBodyException e)
    {
        var kind = e.StatusCode == 0 ? ErrorKind.PrematureBodyEnd : e.StatusCode == 413 ? ErrorKind.BodyTooLarge : ErrorKind.InvalidChunk;
        if (e.Origin == ErrorSource.Upstream)
            return new ProxyError(kind, ErrorSource.Upstream, e.Message, e);
        return e.StatusCode == 0
            ? new ProxyError(ErrorKind.ConnectionClosed, ErrorSource.Downstream, e.Message, e)
            : new ProxyError(kind, ErrorSource.Downstream, e.Message, e) { StatusCode = e.StatusCode };
    }

    private static ProxyError ToConnectError(NetException e, HttpPeer peer) =>
        new(Kind(e.Kind), e.Origin == ErrorSource.Internal ? ErrorSource.Internal : ErrorSource.Upstream, $"Upstream [{peer}]: {e.Message}", e);

    private static ErrorKind Kind(NetErrorKind kind) => kind switch
    {
        NetErrorKind.ConnectTimedOut => ErrorKind.ConnectTimedOut,
        NetErrorKind.ConnectRefused => ErrorKind.ConnectRefused,
        NetErrorKind.ConnectNoRoute => ErrorKind.ConnectNoRoute,
        NetErrorKind.ConnectError => ErrorKind.ConnectError,
        NetErrorKind.TlsHandshakeFailed => ErrorKind.TlsHandshakeFailed,
        NetErrorKind.TlsHandshakeTimedOut => ErrorKind.TlsHandshakeTimedOut,
        NetErrorKind.InvalidCertificate => ErrorKind.InvalidCertificate,
        NetErrorKind.BindError => ErrorKind.BindError,
        NetErrorKind.SocketError => ErrorKind.SocketError,
        NetErrorKind.ReadError => ErrorKind.ReadError,
        NetErrorKind.WriteError => ErrorKind.WriteError,
        NetErrorKind.ReadTimedOut => ErrorKind.ReadTimedOut,
        NetErrorKind.WriteTimedOut => ErrorKind.WriteTimedOut,
        NetErrorKind.ConnectionClosed => ErrorKind.ConnectionClosed,
        _ => ErrorKind.InternalError,
    };
}
