using System.Text;
using Securely.Http;

namespace Securely.Network.Tests.Http.Headers;

public sealed class KnownHeadersTests
{
    public static TheoryData<KnownHeader> All => [.. Enum.GetValues<KnownHeader>().Where(static known => known != KnownHeader.Unknown)];

    [Fact]
    public void Every_number_has_a_name() => Assert.Equal(Enum.GetValues<KnownHeader>().Length, KnownHeaders.Count);

    [Theory]
    [MemberData(nameof(All))]
    public void The_names_are_in_the_order_of_the_enum(KnownHeader known) =>
        Assert.Equal(known.ToString(), KnownHeaders.Text(known).Replace("-", "", StringComparison.Ordinal), ignoreCase: true);

    [Theory]
    [MemberData(nameof(All))]
    public void Recognises_a_name_in_any_case(KnownHeader known)
    {
        string text = KnownHeaders.Text(known);
        Assert.Equal(known, KnownHeaders.Recognise(Encoding.ASCII.GetBytes(text)));
        Assert.Equal(known, KnownHeaders.Recognise(Encoding.ASCII.GetBytes(text.ToUpperInvariant())));
        Assert.Equal(known, KnownHeaders.Recognise(Encoding.ASCII.GetBytes(text.ToLowerInvariant())));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Recognises_nothing_that_differs_in_one_bit(KnownHeader known)
    {
        byte[] name = Encoding.ASCII.GetBytes(KnownHeaders.Text(known));
        for (int index = 0; index < name.Length; index++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] other = [.. name];
                other[index] ^= (byte)(1 << bit);
                bool sameButCase = Encoding.Latin1.GetString(other).Equals(KnownHeaders.Text(known), StringComparison.OrdinalIgnoreCase);
                Assert.Equal(sameButCase, KnownHeaders.Recognise(other) == known);
            }
        }
    }

    [Fact]
    public void What_the_engine_asks_for_fits_in_one_word()
    {
        Assert.True(KnownHeader.XRequestId < (KnownHeader)64);
        Assert.True(KnownHeader.Upgrade < (KnownHeader)64);
        Assert.True(KnownHeader.SetCookie < (KnownHeader)64);
    }

    [Theory]
    [InlineData("")]
    [InlineData("X")]
    [InlineData("X-Unheard-Of")]
    [InlineData("Access-Control-Allow-Credentials-Not")]
    public void Everything_else_is_unknown(string name) =>
        Assert.Equal(KnownHeader.Unknown, KnownHeaders.Recognise(Encoding.ASCII.GetBytes(name)));
}
