using Securely.Http;

namespace Securely.Network.Tests.Http.V2.Hpack;

public sealed class IntegerCodecTests
{
    [Fact]
    public void Integers_survive_with_every_prefix()
    {
        var bytes = new byte[IntegerCodec.MaxBytes];
        for (int prefix = 1; prefix <= 8; prefix++)
        {
            int most = (1 << prefix) - 1;
            foreach (int value in new[] { 0, 1, most - 1, most, most + 1, most + 127, most + 128, 16_383, 16_384, 2_097_151, 1 << 21, IntegerCodec.MaxValue - 1, IntegerCodec.MaxValue })
            {
                int length = IntegerCodec.Write(bytes, prefix, 0, value);
                int position = 0;
                Assert.True(IntegerCodec.TryRead(bytes.AsSpan(0, length), ref position, prefix, out int read));
                Assert.Equal((value, length), (read, position));
                for (int cut = 0; cut < length; cut++)
                {
                    position = 0;
                    Assert.False(IntegerCodec.TryRead(bytes.AsSpan(0, cut), ref position, prefix, out _));
                }
            }
        }
    }

    [Theory]
    [InlineData("1fffffffff7f")]
    [InlineData("1fffffffffffffffffff7f")]
    [InlineData("1f8080808000")]
    [InlineData("1f80808080808080808000")]
    [InlineData("1fffffff7f")]
    public void Rfc_7541_5_1_integers_that_are_too_large_or_too_long_are_refused(string hex)
    {
        int position = 0;
        Assert.False(IntegerCodec.TryRead(Convert.FromHexString(hex), ref position, 5, out _));
    }

    [Theory]
    [InlineData("1f00", 31)]
    [InlineData("1f8000", 31)]
    [InlineData("1f808000", 31)]
    [InlineData("3f9a0a", 1337)]
    [InlineData("e5", 5)]
    public void Rfc_7541_5_1_bits_before_the_prefix_and_empty_continuations_do_not_count(string hex, int value)
    {
        int position = 0;
        Assert.True(IntegerCodec.TryRead(Convert.FromHexString(hex), ref position, 5, out int read));
        Assert.Equal(value, read);
    }
}
