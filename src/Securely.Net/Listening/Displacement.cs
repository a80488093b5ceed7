namespace Securely.Net;

/// <summary>
/// A newcomer whose place another connection holds. The worker of that one ends it, if nothing has begun on it meanwhile, and hands the place over.
/// </summary>
internal sealed class Displacement(ListeningService service, AcceptedSocket accepted, Listener listener, SocketConnection leaving) : IUndelivered
{
    // Connections can be put to use again as fast as they are chosen; then the newcomer is not worth more attempts.
    private const int MostAttempts = 4;

    private SocketConnection _leaving = leaving;
    private int _attempts;

    /// <summary>The worker has ended, and the connection with it.</summary>
    public void Discard()
    {
        accepted.Close();
        accepted.Peer!.Limit.Leave(accepted.Peer);
        service.Ended(listener);
    }

    internal void Begin() => _leaving.Worker.Post(static call => ((Displacement)call!).Run(), this);

    private void Run()
    {
        if (!ReferenceEquals(_leaving.Worker, Worker.Current))
        {
            // It has moved to another worker since.
            Begin();
        }
        else if (_leaving.TryDisplace())
        {
            service.Admit(accepted, listener);
            service.Ended(listener);
        }
        else if (accepted.Peer!.Limit.Instead(accepted.Peer, _leaving, mayChoose: ++_attempts < MostAttempts) is { } other)
        {
            _leaving = other;
            Begin();
        }
        else
        {
            service.Refuse(accepted);
            service.Ended(listener);
        }
    }
}
