namespace Securely.Http;

/// <summary>Recognises request methods and knows their bytes and properties.</summary>
internal static class Methods
{
    /// <summary>The kind of <paramref name="method"/>; <see cref="KnownMethod.Other"/> when it is none of ours.</summary>
    public static KnownMethod Recognise(ReadOnlySpan<byte> method) => method.Length switch
    {
        3 => method.SequenceEqual("GET"u8) ? KnownMethod.Get : method.SequenceEqual("PUT"u8) ? KnownMethod.Put : KnownMethod.Other,
        4 => method.SequenceEqual("POST"u8) ? KnownMethod.Post : method.SequenceEqual("HEAD"u8) ? KnownMethod.Head : KnownMethod.Other,
        5 => method.SequenceEqual("PATCH"u8) ? KnownMethod.Patch : method.SequenceEqual("TRACE"u8) ? KnownMethod.Trace : KnownMethod.Other,
        6 => method.SequenceEqual("DELETE"u8) ? KnownMethod.Delete : KnownMethod.Other,
        7 => method.SequenceEqual("OPTIONS"u8) ? KnownMethod.Options
            : method.SequenceEqual("CONNECT"u8) ? KnownMethod.Connect : KnownMethod.Other,
        _ => KnownMethod.Other,
    };

    /// <summary>The bytes of a known method; empty for <see cref="KnownMethod.Other"/>.</summary>
    public static ReadOnlySpan<byte> Bytes(KnownMethod method) => method switch
    {
        KnownMethod.Get => "GET"u8,
        KnownMethod.Head => "HEAD"u8,
        KnownMethod.Post => "POST"u8,
        KnownMethod.Put => "PUT"u8,
        KnownMethod.Delete => "DELETE"u8,
        KnownMethod.Connect => "CONNECT"u8,
        KnownMethod.Options => "OPTIONS"u8,
        KnownMethod.Trace => "TRACE"u8,
        KnownMethod.Patch => "PATCH"u8,
        _ => default,
    };

    /// <summary>The text of a known method, without allocating; null for <see cref="KnownMethod.Other"/>.</summary>
    public static string? Text(KnownMethod method) => method switch
    {
        KnownMethod.Get => "GET",
        KnownMethod.Head => "HEAD",
        KnownMethod.Post => "POST",
        KnownMethod.Put => "PUT",
        KnownMethod.Delete => "DELETE",
        KnownMethod.Connect => "CONNECT",
        KnownMethod.Options => "OPTIONS",
        KnownMethod.Trace => "TRACE",
        KnownMethod.Patch => "PATCH",
        _ => null,
    };
}
