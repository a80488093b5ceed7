using System.Text;

namespace Securely.Fuzz.Tests.Reference;

/// <content>Letters, blanks, words and lists (RFC 9110 5.6).</content>
internal partial class PlainParser
{
    protected static bool IsBlank(byte letter) => letter is (byte)' ' or (byte)'\t';

    protected static bool IsDigit(byte letter) => letter >= '0' && letter <= '9';

    protected static bool IsHexDigit(byte letter) => IsDigit(letter) || (letter >= 'a' && letter <= 'f') || (letter >= 'A' && letter <= 'F');

    protected static bool IsLetter(byte letter) => (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');

    protected static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    /// <summary>RFC 9110 5.6.2: a token is letters, digits and fifteen signs.</summary>
    protected static bool IsToken(byte[] text)
    {
        foreach (byte letter in text)
        {
            if (!IsLetter(letter) && !IsDigit(letter) && !"!#$%&'*+-.^_`|~".Contains((char)letter, StringComparison.Ordinal))
                return false;
        }

        return text.Length > 0;
    }

    protected static byte[] TrimEnd(byte[] text)
    {
        int end = text.Length;
        while (end > 0 && IsBlank(text[end - 1]))
            end--;
        return text[..end];
    }

    protected static byte[] Trim(byte[] text)
    {
        int start = 0;
        while (start < text.Length && IsBlank(text[start]))
            start++;
        return TrimEnd(text[start..]);
    }

    /// <summary>Whether two words are the same, whatever their case.</summary>
    protected static bool IsWord(byte[] text, string word)
    {
        if (text.Length != word.Length)
            return false;
        for (int index = 0; index < text.Length; index++)
        {
            if (Lower((char)text[index]) != Lower(word[index]))
                return false;
        }

        return true;
    }

    protected static bool BeginsWithWord(byte[] text, string word) => text.Length >= word.Length && IsWord(text[..word.Length], word);

    /// <summary>The values of all fields of a name, in order.</summary>
    protected static List<byte[]> Values(List<PlainField> fields, string name)
    {
        var values = new List<byte[]>();
        foreach (var field in fields)
        {
            if (IsWord(field.Name, name))
                values.Add(field.Value);
        }

        return values;
    }

    /// <summary>
    /// RFC 9110 5.3 and 5.6.1: the members of a list, over all its field lines; empty ones too. A comma always separates, because none of
    /// the lists that framing needs has quoted members.
    /// </summary>
    protected static List<byte[]> Members(List<byte[]> values)
    {
        var members = new List<byte[]>();
        foreach (byte[] value in values)
        {
            int start = 0;
            for (int index = 0; index <= value.Length; index++)
            {
                if (index == value.Length || value[index] == ',')
                {
                    members.Add(Trim(value[start..index]));
                    start = index + 1;
                }
            }
        }

        return members;
    }

    protected static bool HasMember(List<PlainField> fields, string name, string member) =>
        Members(Values(fields, name)).Exists(one => IsWord(one, member));

    private static char Lower(char letter) => letter is >= 'A' and <= 'Z' ? (char)(letter + 32) : letter;

    private static byte[] Join(byte[] first, byte[] second) =>
        first.Length == 0 ? second : second.Length == 0 ? first : [.. first, (byte)' ', .. second];
}
