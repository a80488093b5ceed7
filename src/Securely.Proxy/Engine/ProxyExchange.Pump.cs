using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Securely.Http;
using Securely.Net;

namespace Securely.Proxy;

/// <content>The request's body, which runs beside the response, and tunnels.</content>
internal sealed partial class ProxyExchange<TContext> : IValueTaskSource
{
    private static readonly TimeSpan _farewell = TimeSpan.FromSeconds(2);

    private InlineCompletion<byte> _pumpEnd;
    private ProxyError? _pumpError;
    private bool _isPumping;
    private bool _isStopping;
    private long _lastTunnelled;

    void IValueTaskSource.GetResult(short token) => _pumpEnd.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _pumpEnd.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _pumpEnd.OnCompleted(continuation, state, token);

    private void StartPump(bool tunnel)
    {
        _pumpEnd.Reset();
        _pumpError = null;
        _isStopping = false;
        _isPumping = true;
        PumpAsync(_up!, tunnel).Forget();
    }

    /// <summary>Ends the sending of the request, because its response is complete or the try has failed.</summary>
    private async ValueTask StopPumpAsync()
    {
        if (!_isPumping)
            return;
        GiveUpBody();
        _up?.Connection.Close();
        // A client that has its whole response is told at once that nobody reads the rest of its body.
        if (!_down.Connection.IsClosed && !_down.IsRequestBodyEnded)
            _down.Connection.ShutdownWrite();
        await WhenPumpedAsync();
    }

    /// <summary>Ends the sending to an upstream that has failed. What the client has sent by then is in the retry buffer, for the next one.</summary>
    private async ValueTask InterruptPumpAsync()
    {
        if (!_isPumping)
            return;
        // A client may send nothing more before it is answered: its next part must not be waited for.
        _isStopping = true;
        _down.InterruptRead();
        await WhenPumpedAsync();
    }

    /// <summary>What the client still sends is thrown away, for a moment; the response can be written meanwhile.</summary>
    private void GiveUpBody()
    {
        if (!_isPumping)
            return;
        _isStopping = true;
        _down.DiscardBody();
    }

    private ValueTask WhenPumpedAsync() => _isPumping ? new ValueTask(this, _pumpEnd.Version) : default;

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask PumpAsync(ClientSession up, bool tunnel)
    {
        try
        {
            if (tunnel)
                await PumpTunnelAsync(up);
            else
                await PumpBodyAsync(up);
        }
        catch (Exception e)
        {
            OnPumpFailed(up, e);
        }

        _isPumping = false;
        _pumpEnd.SetResult(0);
    }

    /// <summary>9. What was read in an earlier try, or by an earlier phase, comes first.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask PumpBodyAsync(ClientSession up)
    {
        var isEnd = _down.IsRequestBodyEnded;
        var data = _retryBuffer.Bytes;
        if (_retryBuffer.IsTruncated)
            throw new ProxyException(new ProxyError(ErrorKind.InternalError, ErrorSource.Internal, "The request's body is not complete any more"));
        if (!data.IsEmpty || isEnd)
            await SendBodyAsync(up, data, isEnd);
        while (!isEnd)
        {
            if (!_down.TryReadBody(out var chunk))
            {
                await up.FlushAsync();
                chunk = await _down.ReadBodyAsync();
            }

            isEnd = chunk.IsEnd;
            if (options.MaxTries > 1)
                _retryBuffer.Add(chunk.Data.Span);
            if (_isStopping)
                return;
            await SendBodyAsync(up, chunk.Data, isEnd);
        }
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask SendBodyAsync(ClientSession up, ReadOnlyMemory<byte> data, bool isEnd)
    {
        if ((phases & ProxyPhases.RequestBody) != 0)
            data = await proxy.RequestBodyFilterAsync(_session, data, isEnd, _context, Aborted);
        if (!isEnd || _down.RequestTrailers is not { } trailers)
        {
            await up.WriteBodyAsync(data, isEnd);
            return;
        }

        await up.WriteBodyAsync(data, false);
        await up.WriteTrailersAsync(trailers);
    }

    private async ValueTask PumpTunnelAsync(ClientSession up)
    {
        while (!_isStopping)
        {
            BodyChunk chunk;
            try
            {
                chunk = await _down.ReadBodyAsync();
            }
            catch (NetException e) when (IsTunnelAlive(e))
            {
                continue;
            }

            if (_isStopping)
                return;
            if (chunk.IsEnd)
            {
                // The client has ended: the upstream is told, and has a moment to say its last words. HTTP/2 may end with bytes.
                await up.WriteBodyAsync(chunk.Data, false);
                await up.FlushAsync();
                _lastTunnelled = long.MinValue / 2;
                up.Connection.ShutdownWrite();
                up.BeginTunnel(_farewell);
                up.Connection.SetReadDeadline(_farewell);
                return;
            }

            KeepTunnel();
            await up.WriteBodyAsync(chunk.Data, false);
            await up.FlushAsync();
        }
    }

    /// <summary>
    /// An upstream that does not take the request may still answer it, so the reading of the response goes on. A client that fails to send it
    /// ends the exchange, and so does a filter.
    /// </summary>
    private void OnPumpFailed(ClientSession up, Exception exception)
    {
        if (_isStopping)
            return;
        var error = ToError(exception);
        if (exception is NetException && error.Source == ErrorSource.Upstream)
            return;
        _pumpError = error;
        up.Abort(new NetException(NetErrorKind.ConnectionClosed, "The request could not be read to its end", ErrorSource.Downstream));
    }

    /// <summary>After 101, or a 2xx to CONNECT: raw bytes both ways until one side ends (PRX-14, H1S-15).</summary>
    private async ValueTask TunnelAsync(ClientSession up, bool isUpgrade)
    {
        if (isUpgrade ? up.Response.StatusCode != 101 : up.Response.StatusCode is < 200 or > 299)
        {
            // A filter has made something else of it, and the client reads on in HTTP.
            _down.WriteHeader(up.Response, isEnd: true);
            await _down.FlushAsync();
            return;
        }

        if (isUpgrade && !_down.WantsUpgrade)
            throw new ProxyException(new ProxyError(ErrorKind.InvalidHttpHeader, ErrorSource.Upstream, "The upstream switches protocols, which the client has not asked for"));
        _down.WriteHeader(up.Response, isEnd: false);
        await _down.FlushAsync();
        await WhenPumpedAsync();
        if (_pumpError is { } error)
            throw new ProxyException(error);
        _down.BeginTunnel();
        up.BeginTunnel(options.TunnelTimeout);
        _down.Connection.Watcher = null;
        KeepTunnel();
        StartPump(tunnel: true);
        try
        {
            while (true)
            {
                if (!up.TryReadBody(out var chunk))
                {
                    await _down.FlushAsync();
                    try
                    {
                        chunk = await up.ReadBodyAsync();
                    }
                    catch (NetException e) when (IsTunnelAlive(e))
                    {
                        continue;
                    }
                }

                await _down.WriteBodyAsync(chunk.Data, chunk.IsEnd);
                if (chunk.IsEnd)
                    break;
                KeepTunnel();
            }
        }
        catch (NetException)
        {
            // A tunnel has no other way to end than one side going away; its last words have been passed on.
        }
        finally
        {
            await StopPumpAsync();
        }
    }

    private void KeepTunnel() => _lastTunnelled = Worker.Current!.Now;

    /// <summary>Whether a read has waited in vain while the other direction was in use: a tunnel is silent only when both are.</summary>
    private bool IsTunnelAlive(NetException e) => e.Kind == NetErrorKind.ReadTimedOut && !_isStopping
        && Worker.Current!.Now - _lastTunnelled < (long)options.TunnelTimeout.TotalMilliseconds;
}
