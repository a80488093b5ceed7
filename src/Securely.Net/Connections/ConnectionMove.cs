using System.Threading.Tasks.Sources;

namespace Securely.Net;

/// <summary>
/// The move of a connection to another worker. It begins when its awaiter has suspended, so that the continuation cannot overtake it, and the
/// continuation runs on the target.
/// </summary>
internal sealed class ConnectionMove(SocketConnection connection, Worker target) : IValueTaskSource, IUndelivered
{
    private Action<object?>? _continuation;
    private object? _state;
    private bool _done;

    public void GetResult(short token)
    {
        if (!_done)
            throw new InvalidOperationException("The connection has not moved yet; await it.");
    }

    public ValueTaskSourceStatus GetStatus(short token) => _done ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        _continuation = continuation;
        _state = state;
        Leave();
    }

    public void Discard() => connection.Discard();

    private void Leave()
    {
        if (connection.CanDetach)
        {
            connection.Detach(target);
            target.Post(static move => ((ConnectionMove)move!).Arrive(), this);
        }
        else if (connection.IsClosed)
        {
            Finish();
        }
        else
        {
            // Its place in the run queue has to come up first.
            connection.Worker.Post(static move => ((ConnectionMove)move!).Leave(), this);
        }
    }

    private void Arrive()
    {
        connection.Attach();
        Finish();
    }

    private void Finish()
    {
        _done = true;
        _continuation!(_state);
    }
}
