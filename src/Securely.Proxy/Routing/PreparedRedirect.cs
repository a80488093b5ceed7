using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Securely.Http;

namespace Securely.Proxy;

/// <summary>
/// Where a redirection leads. The <c>Location</c> is put together from checked bytes: what the request contributes is normalised, so it
/// never begins with a slash and never climbs, and is encoded wherever it is not plain URL text. So a request can neither choose the
/// host nor add a field.
/// </summary>
internal sealed class PreparedRedirect
{
    private const int StackBytes = 512;

    // RFC 3986 2.2 and 2.3, the percent sign of what is encoded already, and the brackets that queries of many programs use.
    private static readonly SearchValues<byte> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?%[]"u8);

    private static readonly SearchValues<char> PlainText =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?%[]#");

    private readonly byte[] _start;
    private readonly byte[] _query;
    private readonly byte[] _fragment;

    private PreparedRedirect(string start, string query, string fragment)
    {
        _start = Encoding.ASCII.GetBytes(start);
        _query = Encoding.ASCII.GetBytes(query);
        _fragment = Encoding.ASCII.GetBytes(fragment);
    }

    /// <summary>Reads a destination, or says what is wrong with it.</summary>
    public static bool TryParse(string to, [NotNullWhen(true)] out PreparedRedirect? redirect, [NotNullWhen(false)] out string? problem)
    {
        redirect = null;
        problem = Complaint(to);
        if (problem is not null)
        {
            return false;
        }

        var hash = to.IndexOf('#', StringComparison.Ordinal);
        var fragment = hash < 0 ? "" : to[hash..];
        var rest = hash < 0 ? to : to[..hash];
        var mark = rest.IndexOf('?', StringComparison.Ordinal);
        var query = mark < 0 ? "" : rest[mark..];
        var start = mark < 0 ? rest : rest[..mark];

        // Without a path of its own the host would run into what follows: https://a.test and .b.test.
        if (start[0] != '/' && start.IndexOf('/', start.IndexOf("://", StringComparison.Ordinal) + 3) < 0)
        {
            start += "/";
        }

        redirect = new PreparedRedirect(start, query, fragment);
        return true;
    }

    /// <summary>Sets <c>Location</c>.</summary>
    /// <param name="path">The raw path of the request.</param>
    /// <param name="query">The raw query of the request, without its question mark; may be empty.</param>
    /// <param name="matchedLength">How much of the normalised path is replaced.</param>
    /// <param name="headers">The fields of the response.</param>
    public void SetLocation(ReadOnlySpan<byte> path, ReadOnlySpan<byte> query, int matchedLength, HeaderMap headers)
    {
        var room = _start.Length + _query.Length + _fragment.Length + 2 + ((path.Length + query.Length) * 3);
        var rented = room > StackBytes ? ArrayPool<byte>.Shared.Rent(room) : null;
        var location = new Writer(rented is null ? stackalloc byte[StackBytes] : rented);
        location.Append(_start);
        AppendRest(ref location, path, matchedLength);
        location.Append(_query);
        if (!query.IsEmpty)
        {
            location.Append(_query.Length == 0 ? "?"u8 : "&"u8);
            location.AppendEncoded(query);
        }

        location.Append(_fragment);
        headers.Set(HeaderName.Location, location.Written);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static string? Complaint(string to)
    {
        if (to.Length == 0 || to.AsSpan().ContainsAnyExcept(PlainText))
        {
            return $"Redirect [{Visible(to)}] is empty or holds a character that a URL cannot hold; encode it, as %20 for a space";
        }

        if (to[0] == '/')
        {
            return to.StartsWith("//", StringComparison.Ordinal)
                ? $"Redirect [{to}] begins with two slashes, which leads to another host; write [https:{to}] if that is meant"
                : null;
        }

        var isUrl = Uri.TryCreate(to, UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && to.AsSpan(url.Scheme.Length).StartsWith("://")
            && url.Host.Length > 0;
        return isUrl ? null : $"Redirect [{to}] is neither a path nor a URL; write [/{to}] or [https://{to}]";
    }

    private static string Visible(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter));

    private void AppendRest(ref Writer location, ReadOnlySpan<byte> path, int matchedLength)
    {
        if (RequestPath.IsPlain(path))
        {
            if (matchedLength < path.Length)
            {
                AppendSlash(ref location);
                location.AppendEncoded(path[matchedLength..]);
            }

            return;
        }

        var output = new byte[path.Length];
        var origins = new int[path.Length];
        var length = RequestPath.Normalize(path, output, origins, out _);
        if (matchedLength < length)
        {
            AppendSlash(ref location);
        }

        // Each byte goes out as it came in, encoded or not, so that the next hop decodes it to the same.
        for (var i = matchedLength; i < length; i++)
        {
            var origin = origins[i];
            location.AppendEncoded(path.Slice(origin, path[origin] == '%' ? 3 : 1));
        }
    }

    private void AppendSlash(ref Writer location)
    {
        if (_start[^1] != '/')
        {
            location.Append("/"u8);
        }
    }

    /// <summary>Collects bytes in a buffer that is known to be large enough.</summary>
    private ref struct Writer(Span<byte> buffer)
    {
        private readonly Span<byte> _buffer = buffer;
        private int _length;

        public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

        public void Append(scoped ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_buffer[_length..]);
            _length += bytes.Length;
        }

        public void AppendEncoded(scoped ReadOnlySpan<byte> bytes)
        {
            while (true)
            {
                var plain = bytes.IndexOfAnyExcept(Plain);
                if (plain < 0)
                {
                    Append(bytes);
                    return;
                }

                Append(bytes[..plain]);
                var value = bytes[plain];
                Append([(byte)'%', (byte)"0123456789ABCDEF"[value >> 4], (byte)"0123456789ABCDEF"[value & 15]]);
                bytes = bytes[(plain + 1)..];
            }
        }
    }
}
