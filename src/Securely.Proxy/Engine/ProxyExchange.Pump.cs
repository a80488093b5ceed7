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
        if (!_down.Connection.IsClosed)
            _down.Connection.ShutdownWrite();
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
            OnPumpFailed(up, ToError(e));
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

            if (_isStopping)
                return;
            isEnd = chunk.IsEnd;
            if (options.MaxTries > 1)
                _retryBuffer.Add(chunk.Data.Span);
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
            var chunk = await _down.ReadBodyAsync();
            if (_isStopping)
                return;
            if (chunk.IsEnd)
            {
                // The client has ended: the upstream is told, and has a moment to say its last words.
                up.Connection.ShutdownWrite();
                up.Connection.SetReadDeadline(_farewell);
                return;
            }

            await up.WriteBodyAsync(chunk.Data, false);
            await up.FlushAsync();
        }
    }

    /// <summary>
    /// An upstream that does not take the request may still answer it, so the reading of the response goes on. A client that fails to send it
    /// ends the exchange.
    /// </summary>
    private void OnPumpFailed(ClientSession up, ProxyError error)
    {
        if (_isStopping)
            return;
        _pumpError = error;
        if (error.Source != ErrorSource.Upstream)
            up.Abort(new NetException(NetErrorKind.ConnectionClosed, "The request could not be read to its end", ErrorSource.Downstream));
    }

    /// <summary>After 101, or a 2xx to CONNECT: raw bytes both ways until one side ends (PRX-14, H1S-15).</summary>
    private async ValueTask TunnelAsync(ClientSession up)
    {
        _down.WriteHeader(up.Response, isEnd: false);
        await _down.FlushAsync();
        await WhenPumpedAsync();
        _down.BeginTunnel();
        up.BeginTunnel(options.TunnelTimeout);
        _down.Connection.Watcher = null;
        StartPump(tunnel: true);
        try
        {
            while (true)
            {
                if (!up.TryReadBody(out var chunk))
                {
                    await _down.FlushAsync();
                    chunk = await up.ReadBodyAsync();
                }

                await _down.WriteBodyAsync(chunk.Data, chunk.IsEnd);
                if (chunk.IsEnd)
                    break;
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
}
