using System.Text;
using Securely.Http;

namespace Securely.Proxy;

/// <summary>A field that a request must have. Immutable.</summary>
/// <param name="name">The name.</param>
/// <param name="value">The exact value.</param>
internal sealed class HeaderCondition(HeaderName name, byte[] value)
{
    /// <summary>Whether one of the fields of this name has this value.</summary>
    public bool Holds(HeaderMap headers)
    {
        if (!headers.TryGet(name, out var first))
        {
            return false;
        }

        return first.SequenceEqual(value) || AnyHolds(headers);
    }

    private bool AnyHolds(HeaderMap headers)
    {
        foreach (var field in headers)
        {
            if (field.Known == name.Known
                && field.Value.SequenceEqual(value)
                && (field.Known != KnownHeader.Unknown || Ascii.EqualsIgnoreCase(field.Name, name.Bytes)))
            {
                return true;
            }
        }

        return false;
    }
}
