using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Securely.Validation;

/// <summary>Whether a text is one JSON value (RFC 8259), nested at most 511 levels deep: PHP, whose limit is 512, counts the value in the innermost list.</summary>
internal static class JsonSyntax
{
    private const int MaximumDepth = 511;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static bool IsValid(string text)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Strict.GetMaxByteCount(text.Length));
        try
        {
            var length = Strict.GetBytes(text, buffer);
            var reader = new Utf8JsonReader(buffer.AsSpan(0, length), new JsonReaderOptions { MaxDepth = MaximumDepth });
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                    _ = reader.GetString();
            }

            return true;
        }
        catch (Exception fault) when (fault is JsonException or EncoderFallbackException or InvalidOperationException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
