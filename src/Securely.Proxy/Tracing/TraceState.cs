using System.Buffers;
using System.Text;
using Securely.Http;

namespace Securely.Proxy;

/// <summary>
/// What the systems that a trace has come through want to be told again: the <c>tracestate</c> fields (W3C Trace Context 3.3). It is kept whole or not
/// at all.
/// </summary>
internal static class TraceState
{
    /// <summary>The longest list that is kept, which is what everybody has to be able to keep (3.3.1.5).</summary>
    internal const int Most = 512;

    private const int MostMembers = 32;
    private const int MostOfKey = 256;
    private const int MostOfValue = 256;

    private static readonly SearchValues<byte> KeyStart = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789"u8);
    private static readonly SearchValues<byte> KeyRest = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-*/@"u8);

    /// <summary>The members of all fields as one list; null when there are none, or when they are malformed or too many.</summary>
    internal static string? Read(HeaderMap headers)
    {
        if (!headers.Contains(HeaderName.Tracestate))
            return null;
        Span<byte> list = stackalloc byte[Most];
        var length = 0;
        var members = 0;
        foreach (var field in headers)
        {
            if (field.Known == KnownHeader.Tracestate && !TryAdd(field.Value, list, ref length, ref members))
                return null;
        }

        return length == 0 ? null : Encoding.ASCII.GetString(list[..length]);
    }

    private static bool TryAdd(ReadOnlySpan<byte> value, Span<byte> list, ref int length, ref int members)
    {
        foreach (var range in value.Split((byte)','))
        {
            var member = value[range].Trim(" \t"u8);
            if (member.IsEmpty)
                continue;
            var separator = length == 0 ? 0 : 1;
            if (++members > MostMembers || !IsMember(member) || length + separator + member.Length > list.Length)
                return false;
            if (separator == 1)
                list[length++] = (byte)',';
            member.CopyTo(list[length..]);
            length += member.Length;
        }

        return true;
    }

    private static bool IsMember(ReadOnlySpan<byte> member)
    {
        var equals = member.IndexOf((byte)'=');
        if (equals is < 1 or > MostOfKey || !KeyStart.Contains(member[0]) || member[..equals].ContainsAnyExcept(KeyRest))
            return false;
        var value = member[(equals + 1)..];
        return value.Length is > 0 and <= MostOfValue && !value.Contains((byte)'=') && !value.ContainsAnyExceptInRange((byte)' ', (byte)'~');
    }
}
