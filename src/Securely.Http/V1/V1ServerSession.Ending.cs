using System.Runtime.CompilerServices;
using Securely.Net;

namespace Securely.Http;

/// <content>The end of a request whose connection may not live on.</content>
internal sealed partial class V1ServerSession
{
    // What a client that has been answered still sends is read for so long, in milliseconds, so that it can read its answer.
    private const long LongestLinger = 2_000;

    private int _failureStatus;

    internal override void Fail(int statusCode, Exception error)
    {
        _keepAlive = false;
        _failureStatus = statusCode;
        if (statusCode == 0 || (ResponseWritten is not null && !_output.IsEnded))
            Abort(new NetException(NetErrorKind.Internal, "The handler failed", ErrorSource.Internal, error));
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<bool> FinishSlowlyAsync()
    {
        if (ResponseWritten is null)
            await RespondAsync(_failureStatus);
        if (!_output.IsEnded)
        {
            if (_output.Framing == BodyFraming.ContentLength)
            {
                Abort(new NetException(NetErrorKind.ConnectionClosed, "The response ended before its Content-Length", ErrorSource.Internal));
                return false;
            }

            await _output.WriteTrailersAsync(null);
        }

        await _output.FlushAsync();
        if (_keepAlive && _input.IsBodyEnded)
        {
            RequestsBefore++;
            Begin();
            return true;
        }

        await LingerAsync();
        return false;
    }

    /// <summary>
    /// Sends the end and reads on for a while, within bounds of time and size: closing with unread bytes in the kernel resets the connection, which
    /// could take the response with it.
    /// </summary>
    private async ValueTask LingerAsync()
    {
        await _connection.FlushAsync();
        if (_input.IsBodyEnded && !_input.HasUnread && _connection.IsQuiet(probe: true))
            return;
        _connection.ShutdownWrite();
        _input.BeginBody(BodyFraming.Tunnel, 0);
        _input.EndReadsAfter(LongestLinger);
        try
        {
            for (var left = MostDiscarded; left > 0 && !_input.IsBodyEnded;)
                left -= (await _input.ReadBodyAsync()).Data.Length;
        }
        catch (IOException)
        {
            // The client has gone or is silent: either way nobody sends or reads the rest.
        }
    }

    private async ValueTask RefuseAsync(int statusCode)
    {
        _keepAlive = false;
        await RespondRefusedAsync(statusCode);
        await LingerAsync();
    }
}
