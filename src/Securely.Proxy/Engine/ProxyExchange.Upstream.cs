using System.Runtime.CompilerServices;
using System.Text;
using Securely.Http;
using Securely.Net;

namespace Securely.Proxy;

/// <content>One try: the upstream, the request's head, the response.</content>
internal sealed partial class ProxyExchange<TContext>
{
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask TryAsync()
    {
        // 6. The upstream.
        ThrowIfGone();
        _tries++;
        var token = Aborted;
        _peer = await proxy.UpstreamPeerAsync(_session, _context, token) ?? throw Fault("UpstreamPeerAsync has chosen no upstream");
        _hasChosenPeer = true;
        observer?.BeginTry(ref _course);
        _trace?.BeginTry();

        // 7. A connection. A dead one is found out now for a request that must not be sent twice.
        var upgrade = _down.WantsUpgrade ? UpgradeOf(_down) : UpgradeKind.None;
        var idle = _mustBeNew ? null : connector.TryTake(_peer, probe: !IsIdempotent(_down.Request.MethodKind), upgrade);
        var up = idle ?? await ConnectAsync(_peer, upgrade);
        _up = up;
        var origin = idle is not null ? ConnectionOrigin.Pool : up.IsReused ? ConnectionOrigin.OtherWorker : ConnectionOrigin.New;
        observer?.Connected(ref _course, origin);
        _trace?.Connected(origin);
        ThrowIfGone();
        if ((phases & ProxyPhases.Connected) != 0)
            await proxy.ConnectedToUpstreamAsync(_session, _peer, up.IsReused, up.Connection.Digest, _context, token);

        // 8. The head.
        PrepareUpstreamRequest();
        if ((phases & ProxyPhases.UpstreamRequest) != 0)
        {
            await proxy.UpstreamRequestFilterAsync(_session, _upstreamRequest, _context, token);
            _trace?.Rewritten(_upstreamRequest);
        }

        // 9. The body runs beside the response. A filter may give one to a request that has none.
        var hasBody = _down.HasRequestBody;
        var given = hasBody || (phases & ProxyPhases.RequestBody) == 0 ? default : await proxy.RequestBodyFilterAsync(_session, default, true, _context, token);
        up.WriteHeader(_upstreamRequest, hasBody || !given.IsEmpty);
        if (hasBody)
            StartPump(tunnel: false);
        else
            await (given.IsEmpty ? up.FlushAsync() : up.WriteBodyAsync(given, true));

        // 10. Heads: informational ones are passed on as they come.
        bool isUpgrade;
        while (true)
        {
            if (!up.TryReadHeader())
            {
                if (!await up.WaitAsync())
                    throw new NetException(NetErrorKind.ConnectionClosed, "The upstream's connection waits no longer", ErrorSource.Internal);
                continue;
            }

            // What the upstream said decides; filters may say something else to the client.
            isUpgrade = up.Response.StatusCode == 101;
            var isFinal = isUpgrade || up.Response.StatusCode >= 200;
            if (isFinal)
                OnAnswered(up.Response);
            HeaderRules.RemoveHopByHop(up.Response.Headers, keepUpgrade: isUpgrade);
            if ((phases & ProxyPhases.UpstreamResponse) != 0)
                await proxy.UpstreamResponseFilterAsync(_session, up.Response, _context, token);
            if ((phases & ProxyPhases.Response) != 0)
                await proxy.ResponseFilterAsync(_session, up.Response, _context, token);
            if (isFinal)
                break;
            await _down.WriteInformationalAsync(up.Response);
        }

        // 11., 12. The body.
        if (up.IsTunnel)
            await TunnelAsync(up, isUpgrade);
        else
            await RelayResponseAsync(up);
        if (_isPumping)
            await StopPumpAsync();
        _trace?.EndTry(null);
    }

    private void PrepareUpstreamRequest()
    {
        _upstreamRequest.CopyFrom(_down.Request);
        if (options.Forwarded != ForwardedMode.Off)
            ForwardingHeaders.Apply(_upstreamRequest, _down, options.Forwarded);
        _trace?.Propagate(_upstreamRequest.Headers);
    }

    private void OnAnswered(ResponseHeader response)
    {
        observer?.Answered(ref _course, response.StatusCode);
        _trace?.Answered(response);
    }

    /// <summary>What HTTP/2 can carry, too, is the opening of a WebSocket as RFC 6455 has it.</summary>
    private static UpgradeKind UpgradeOf(ServerSession down) => !down.HasRequestBody && down.Request.MethodKind == KnownMethod.Get
        && down.Request.Headers.TryGet(HeaderName.Upgrade, out var protocol) && Ascii.EqualsIgnoreCase(protocol, "websocket"u8)
        && down.Request.Headers.Contains(HeaderName.SecWebSocketKey) ? UpgradeKind.WebSocket : UpgradeKind.Other;

    private async ValueTask<ClientSession> ConnectAsync(HttpPeer peer, UpgradeKind upgrade)
    {
        try
        {
            var dial = connector.ConnectAsync(peer, _mustBeNew, upgrade);
            return dial.IsCompleted ? await dial : await UnlessGoneAsync(dial.AsTask(), peer);
        }
        catch (NetException e)
        {
            var error = ToConnectError(e, peer);
            error = proxy.FailToConnect(_session, peer, _context, error);
            error.Source = error.Source == ErrorSource.Internal ? ErrorSource.Internal : ErrorSource.Upstream;
            throw new ProxyException(error);
        }
    }

    /// <summary>A dial cannot be taken back, but a client that has gone does not have to be kept for it.</summary>
    private async ValueTask<ClientSession> UnlessGoneAsync(Task<ClientSession> dial, HttpPeer peer)
    {
        try
        {
            return await dial.WaitAsync(Aborted);
        }
        catch (OperationCanceledException) when (_isGone)
        {
            ReleaseWhenDialledAsync(dial, peer).Forget();
            throw;
        }
    }

    private async ValueTask ReleaseWhenDialledAsync(Task<ClientSession> dial, HttpPeer peer)
    {
        try
        {
            connector.Release(await dial, peer);
        }
        catch (NetException)
        {
            // Nobody waits for it any more.
        }
    }

    private static ProxyException Fault(string detail) => new(new ProxyError(ErrorKind.InternalError, ErrorSource.Internal, detail));

    private void ThrowIfGone()
    {
        if (_isGone)
            throw new ProxyException(new ProxyError(ErrorKind.ConnectionClosed, ErrorSource.Downstream, "The client has gone"));
    }

    /// <summary>11., 12. Head and first bytes of the body go out in one call.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask RelayResponseAsync(ClientSession up)
    {
        var filters = (phases & (ProxyPhases.UpstreamResponseBody | ProxyPhases.ResponseBody)) != 0;
        var hasMore = up.HasMoreBody;
        // What has come of the body is looked at first: one that is wrong already can still be answered with an error.
        var chunk = default(BodyChunk);
        var isThere = hasMore && up.TryReadBody(out chunk);
        _down.WriteHeader(up.Response, isEnd: !hasMore && !filters);
        if (!hasMore)
        {
            await EndResponseAsync(default, filters);
            return;
        }

        while (true)
        {
            if (!isThere)
            {
                await _down.FlushAsync();
                chunk = await up.ReadBodyAsync();
            }

            if (chunk.IsEnd)
            {
                await EndResponseAsync(chunk.Data, filters);
                return;
            }

            var data = chunk.Data;
            if (filters)
                data = await FilterBodyAsync(data, false);
            await _down.WriteBodyAsync(data, false);
            isThere = up.TryReadBody(out chunk);
        }
    }

    private ValueTask EndResponseAsync(ReadOnlyMemory<byte> data, bool filters) =>
        filters || _up!.Trailers is not null ? EndFilteredAsync(data, filters) : _down.WriteBodyAsync(data, true);

    private async ValueTask EndFilteredAsync(ReadOnlyMemory<byte> data, bool filters)
    {
        if (filters)
            data = await FilterBodyAsync(data, true);
        if (_up!.Trailers is not { } trailers)
        {
            await _down.WriteBodyAsync(data, true);
            return;
        }

        await _down.WriteBodyAsync(data, false);
        if ((phases & ProxyPhases.UpstreamResponseTrailer) != 0)
            proxy.UpstreamResponseTrailerFilter(_session, trailers, _context);
        if ((phases & ProxyPhases.ResponseTrailer) != 0)
        {
            var extra = await proxy.ResponseTrailerFilterAsync(_session, trailers, _context, Aborted);
            if (!extra.IsEmpty)
                await _down.WriteBodyAsync(extra, false);
        }

        await _down.WriteTrailersAsync(trailers);
    }

    private async ValueTask<ReadOnlyMemory<byte>> FilterBodyAsync(ReadOnlyMemory<byte> data, bool isEnd)
    {
        if ((phases & ProxyPhases.UpstreamResponseBody) != 0)
            data = await DelayAsync(proxy.UpstreamResponseBodyFilter(_session, data, isEnd, _context));
        if ((phases & ProxyPhases.ResponseBody) != 0)
            data = await DelayAsync(proxy.ResponseBodyFilter(_session, data, isEnd, _context));
        return data;
    }

    private async ValueTask<ReadOnlyMemory<byte>> DelayAsync(BodyResult result)
    {
        if (result.Delay > TimeSpan.Zero)
        {
            await _down.FlushAsync();
            await Task.Delay(result.Delay, Worker.Current!.Time, Aborted);
        }

        return result.Bytes;
    }
}
