namespace Securely.Config;

/// <summary>What a repository and its sections share: the tree of the moment, and who wants to know of another.</summary>
internal sealed class ConfigState(ConfigValue root, ConfigSecrets? secrets, ConfigSources? sources)
{
    // Guards changes and the list of subscribers; readers only take the reference of the tree.
    private readonly Lock _changing = new();
    private volatile ConfigValue _root = root;
    private Subscription[] _subscriptions = [];

    public ConfigValue Root => _root;

    public ConfigSecrets? Secrets => secrets;

    public ConfigSources? Sources => sources;

    public void Change(Func<ConfigValue, ConfigValue> change)
    {
        // Callbacks run inside, so that they come in the order of the changes; the lock may be taken again by one that changes something.
        lock (_changing)
        {
            var before = _root;
            _root = change(before);
            var after = _root;
            foreach (var subscription in _subscriptions)
            {
                if (!ConfigValue.SameContent(At(before, subscription.Prefix), At(after, subscription.Prefix)))
                    subscription.Changed();
            }
        }
    }

    public IDisposable Subscribe(string prefix, Action changed)
    {
        var subscription = new Subscription(this, prefix, changed);
        lock (_changing)
            _subscriptions = [.. _subscriptions, subscription];
        return subscription;
    }

    private static ConfigValue? At(ConfigValue root, string prefix) => prefix.Length == 0 ? root : ConfigTree.Get(root, prefix);

    private sealed record Subscription(ConfigState State, string Prefix, Action Changed) : IDisposable
    {
        public void Dispose()
        {
            lock (State._changing)
                State._subscriptions = [.. State._subscriptions.Where(other => !ReferenceEquals(other, this))];
        }
    }
}
