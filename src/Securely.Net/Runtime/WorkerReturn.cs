using System.Runtime.CompilerServices;

namespace Securely.Net;

/// <summary>
/// Awaited after code of others that may have gone on elsewhere: continues on the worker, with its synchronization context. It costs nothing when
/// nothing has gone wrong.
/// </summary>
/// <param name="worker">Null: wherever one is will do.</param>
internal readonly struct WorkerReturn(Worker? worker) : ICriticalNotifyCompletion
{
    public bool IsCompleted => worker is null || ReferenceEquals(Worker.Current, worker);

    public WorkerReturn GetAwaiter() => this;

    public void GetResult() => worker?.EnterContext();

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation) => worker!.Post(static next => ((Action)next!)(), continuation);
}
