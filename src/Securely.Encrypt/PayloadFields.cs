using System.Text.Json;

namespace Securely.Encrypt;

/// <summary>Takes the four fields out of a payload's JSON, unescaped, one after another into a buffer.</summary>
internal ref struct PayloadFields(Span<byte> buffer, bool strict)
{
    private Found _found;

    [Flags]
    private enum Found
    {
        None = 0,
        Iv = 1,
        Value = 2,
        Mac = 4,
        Tag = 8,
        Required = Iv | Value | Mac,
    }

    public ReadOnlySpan<byte> Iv { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    public ReadOnlySpan<byte> Mac { get; private set; }

    public ReadOnlySpan<byte> Tag { get; private set; }

    /// <summary><see cref="Iv"/> and <see cref="Value"/> in one piece.</summary>
    public ReadOnlySpan<byte> Signed { get; private set; }

    /// <summary>What of the buffer is free.</summary>
    public Span<byte> Rest { get; private set; } = buffer;

    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="InvalidOperationException">An escape in it is half a letter.</exception>
    /// <exception cref="DecryptException">A field is missing or not text.</exception>
    public void Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var isObject = reader.Read() && reader.TokenType == JsonTokenType.StartObject;
        if (!isObject)
            throw DecryptException.Malformed("it is not a JSON object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            ReadField(ref reader);
        while (reader.Read())
        {
            // Reads to the end, so that what follows the object is an error too.
        }

        if ((_found & Found.Required) != Found.Required)
            throw DecryptException.Malformed($"field [{FirstMissing()}] is missing");
        Sign();
    }

    private void ReadField(ref Utf8JsonReader reader)
    {
        var field = reader.ValueTextEquals("iv"u8) ? Found.Iv
            : reader.ValueTextEquals("value"u8) ? Found.Value
            : reader.ValueTextEquals("mac"u8) ? Found.Mac
            : reader.ValueTextEquals("tag"u8) ? Found.Tag
            : Found.None;
        if (strict && field == Found.None)
            throw DecryptException.Malformed("it has a field beside iv, value, mac and tag");
        if (strict && _found.HasFlag(field))
            throw DecryptException.Malformed($"field [{Name(field)}] is there twice");
        reader.Read();
        if (field == Found.None)
        {
            reader.Skip();
            return;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            SkipOther(ref reader, field);
            return;
        }

        // A field that is there twice is unescaped twice, which has room: each time it is shorter than its JSON.
        var written = reader.CopyString(Rest);
        Keep(field, Rest[..written]);
        Rest = Rest[written..];
    }

    /// <summary>PHP takes null for not there, which only the tag may be.</summary>
    private void SkipOther(ref Utf8JsonReader reader, Found field)
    {
        if (strict || reader.TokenType != JsonTokenType.Null || field != Found.Tag)
            throw DecryptException.Malformed($"field [{Name(field)}] is not text");
        Tag = default;
    }

    private void Keep(Found field, ReadOnlySpan<byte> text)
    {
        _found |= field;
        switch (field)
        {
            case Found.Iv:
                Iv = text;
                break;
            case Found.Value:
                Value = text;
                break;
            case Found.Mac:
                Mac = text;
                break;
            default:
                Tag = text;
                break;
        }
    }

    private void Sign()
    {
        var signed = Rest[..(Iv.Length + Value.Length)];
        Iv.CopyTo(signed);
        Value.CopyTo(signed[Iv.Length..]);
        Signed = signed;
        Rest = Rest[signed.Length..];
    }

    private readonly string FirstMissing() => Name(!_found.HasFlag(Found.Iv) ? Found.Iv : !_found.HasFlag(Found.Value) ? Found.Value : Found.Mac);

    private static string Name(Found field) => field switch
    {
        Found.Iv => "iv",
        Found.Value => "value",
        Found.Mac => "mac",
        _ => "tag",
    };
}
