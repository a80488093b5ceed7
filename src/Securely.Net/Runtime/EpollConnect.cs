using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Securely.Net;

/// <summary>One connect in progress, with its deadline.</summary>
internal sealed class EpollConnect : IValueTaskSource<(SocketConnection? Connection, SocketError Error)>
{
    private readonly EpollConnection _connection;
    private readonly WorkerTimer _timer;
    private InlineCompletion<(SocketConnection? Connection, SocketError Error)> _completion;
    private bool _done;

    internal EpollConnect(Worker worker, EpollConnection connection, TimeSpan timeout)
    {
        _connection = connection;
        _timer = new WorkerTimer(static self => ((EpollConnect)self!).Finish(SocketError.TimedOut), this);
        _timer.Set(worker, timeout);
        connection.WhenConnected(Finish);
    }

    internal ValueTask<(SocketConnection? Connection, SocketError Error)> Task => new(this, _completion.Version);

    public (SocketConnection? Connection, SocketError Error) GetResult(short token) => _completion.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _completion.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token);

    private void Finish(SocketError error)
    {
        if (_done)
            return;
        _done = true;
        _timer.Detach();
        if (error != SocketError.Success)
            _connection.Close();
        _completion.SetResult((error == SocketError.Success ? _connection : null, error));
    }
}
