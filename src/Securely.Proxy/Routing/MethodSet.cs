using System.Text;

namespace Securely.Proxy;

/// <summary>The methods that a route takes. Immutable.</summary>
internal sealed class MethodSet
{
    private readonly byte[][] _methods;

    private MethodSet(byte[][] methods) => _methods = methods;

    /// <summary>Takes every method.</summary>
    public static MethodSet Any { get; } = new([]);

    /// <summary>Makes a set of these methods, of every method when there are none. Whoever takes GET takes HEAD (RFC 9110 9.3.2).</summary>
    public static MethodSet Of(IReadOnlyCollection<string> methods) => methods.Count == 0
        ? Any
        : new([.. (methods.Contains("GET") ? methods.Append("HEAD") : methods).Distinct().Select(Encoding.ASCII.GetBytes)]);

    public bool Contains(ReadOnlySpan<byte> method)
    {
        foreach (var known in _methods)
        {
            if (method.SequenceEqual(known))
            {
                return true;
            }
        }

        return _methods.Length == 0;
    }
}
