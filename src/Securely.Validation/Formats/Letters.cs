using System.Buffers;

namespace Securely.Validation;

/// <summary>The letters that some formats allow.</summary>
internal static class Letters
{
    public const string Base64Alphabet = Alphabet + Digits + "+/";

    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string Digits = "0123456789";

    public static readonly SearchValues<char> Base64 = SearchValues.Create(Base64Alphabet);
    public static readonly SearchValues<char> Hex = SearchValues.Create(Digits + "abcdefABCDEF");
    public static readonly SearchValues<char> HostLabel = SearchValues.Create(Alphabet + Digits + "-_");
    public static readonly SearchValues<char> Punycode = SearchValues.Create(Alphabet + Digits + "-");
    public static readonly SearchValues<char> Repetition = SearchValues.Create(Digits + ",");
}
