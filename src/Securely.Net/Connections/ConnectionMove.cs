using System.Threading.Tasks.Sources;

namespace Securely.Net;

/// <summary>
/// The move of a connection to another worker. It begins when its awaiter has suspended, so that the continuation cannot overtake it, and the
/// continuation runs on the target.
/// </summary>
internal sealed class ConnectionMove(SocketConnection connection, Worker target) : IValueTaskSource
{
    private bool _done;

    public void GetResult(short token)
    {
        if (!_done)
            throw new InvalidOperationException("The connection has not moved yet; await it.");
    }

    public ValueTaskSourceStatus GetStatus(short token) => _done ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        connection.Detach();
        target.Post(_ =>
        {
            connection.Attach(target);
            _done = true;
            continuation(state);
        }, null);
    }
}
