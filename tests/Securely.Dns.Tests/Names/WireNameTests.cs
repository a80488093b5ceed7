namespace Securely.Dns.Tests.Names;

public sealed class WireNameTests
{
    [Fact]
    public void Follows_pointers_backwards()
    {
        byte[] message = [1, (byte)'a', 0, 1, (byte)'b', 0xC0, 0, 1, (byte)'c', 0xC0, 3];
        var at = 7;
        var name = new byte[255];
        Assert.True(WireName.TryRead(message, ref at, name, out var length));
        Assert.Equal("c.b.a.", DomainName.FromWire(name.AsSpan(0, length)).ToString());
        Assert.Equal(11, at);
    }

    [Theory]
    [InlineData("C000", 0)]
    [InlineData("C00200", 0)]
    [InlineData("0161C001", 0)]
    [InlineData("0161C000", 0)]
    [InlineData("C002C000", 2)]
    [InlineData("4061", 0)]
    [InlineData("8061", 0)]
    [InlineData("0261", 0)]
    [InlineData("0161", 0)]
    [InlineData("C0", 0)]
    [InlineData("", 0)]
    public void Refuses_loops_forward_pointers_and_odd_labels(string hex, int at)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.False(WireName.TryRead(bytes, ref at, new byte[255], out _));
    }

    [Fact]
    public void A_name_that_pointers_make_too_long_is_refused()
    {
        // 64 bytes of label at 0, each further name another label and a pointer to the one before.
        var message = new List<byte>();
        message.AddRange([63, .. Enumerable.Repeat((byte)'a', 63), 0]);
        var last = 0;
        for (var i = 0; i < 4; i++)
        {
            var here = message.Count;
            message.AddRange([63, .. Enumerable.Repeat((byte)'b', 63), (byte)(0xC0 | (last >> 8)), (byte)last]);
            last = here;
        }

        var at = last;
        Assert.False(WireName.TryRead(message.ToArray(), ref at, new byte[255], out _));
    }

    [Fact]
    public void Compresses_what_a_message_has_already()
    {
        var message = new DnsMessage
        {
            Id = 1,
            Questions = [new Question(DomainName.Parse("www.example.test"), RecordType.Mx)],
            Answers = [ResourceRecord.Parse(DomainName.Parse("www.example.test"), RecordType.Mx, 60, "10 mail.example.test.")],
        };
        var bytes = message.Encode();
        Assert.Equal("0001" + "0000" + "0001000100000000" + "03777777076578616D706C65047465737400000F0001" + "C00C000F00010000003C0009000A" + "046D61696CC010", Convert.ToHexString(bytes));
        Assert.True(DnsMessage.TryDecode(bytes, out var read));
        Assert.Equal(message.Answers, read.Answers);
    }

    [Fact]
    public void Compressing_many_names_takes_a_bounded_table()
    {
        var records = Enumerable.Range(0, 2000).Select(i => ResourceRecord.Parse(DomainName.Parse($"h{i}.example.test"), RecordType.Ns, 1, $"n{i}.example.test.")).ToList();
        Assert.True(DnsMessage.TryDecode(new DnsMessage { Answers = records }.Encode(), out var read));
        Assert.Equal(records, read.Answers);
    }
}
