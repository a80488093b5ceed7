namespace Securely.Events;

/// <summary>A class that registers several listeners together.</summary>
public interface ISubscriber
{
    /// <summary>Registers them.</summary>
    /// <param name="dispatcher">Where.</param>
    void Subscribe(IDispatcher dispatcher);
}
