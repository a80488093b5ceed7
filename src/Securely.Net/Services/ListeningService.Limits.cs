using System.Net.Sockets;

namespace Securely.Net;

/// <content>Connections for which there may be no place.</content>
public partial class ListeningService
{
    private long _nextAcceptLog = long.MinValue;
    private int _acceptsFailed;

    internal void OnAccepted(in AcceptedSocket accepted, Listener listener)
    {
        if (_options.ConnectionLimit is not { } limit)
        {
            Admit(accepted, listener);
            return;
        }

        if (limit.Enter(accepted.Remote, out var leaving) is not { } peer)
        {
            Refuse(accepted);
        }
        else if (leaving is null)
        {
            Admit(accepted with { Peer = peer }, listener);
        }
        else
        {
            // Counted from here on, so that the end of the service waits for it.
            listener.Add();
            new Displacement(this, accepted with { Peer = peer }, listener, leaving).Begin();
            ReportLimit(limit);
        }
    }

    /// <summary>There is no place for the connection, and it is not counted.</summary>
    internal void Refuse(in AcceptedSocket accepted)
    {
        // Told before it is done: whoever sees the end of the connection finds it counted and reported.
        ReportLimit(_options.ConnectionLimit!);
        accepted.Close();
    }

    internal void Ended(Listener listener)
    {
        // Of the last connections of several listeners, the one that ends last finds all at zero.
        if (listener.Remove() == 0 && _draining && ActiveConnections == 0)
            _drained.TrySetResult();
    }

    internal void OnAcceptFailed(string address, SocketError error)
    {
        _metrics?.AcceptErrors.Add();
        // Every worker tries again by itself and fails alike; one line a second tells all.
        var now = _workers!.Options.Time.GetTimestamp();
        var next = Volatile.Read(ref _nextAcceptLog);
        if (now < next || Interlocked.CompareExchange(ref _nextAcceptLog, now + _workers.Options.Time.TimestampFrequency, next) != next)
            Interlocked.Increment(ref _acceptsFailed);
        else
            LogAcceptFailed(_logger, address, error, Interlocked.Exchange(ref _acceptsFailed, 0));
    }

    private void CheckLimit()
    {
        if (_options.ConnectionLimit is { } limit && limit.Maximum > ConnectionLimit.DefaultMaximum)
            LogLimitTooHigh(_logger, limit.Maximum, ConnectionLimit.DefaultMaximum);
    }

    private void ReportLimit(ConnectionLimit limit)
    {
        if (limit.TryReport(_workers!.Options.Time, out var events, out var heaviest, out var held))
            LogLimitReached(_logger, limit.Maximum, events, heaviest, held);
    }
}
