using System.Text;
using Securely.Http;

namespace Securely.Network.Tests.Http.V2.Hpack;

public sealed class DecoderTests
{
    [Fact]
    public void Reads_the_whole_static_table()
    {
        var decoder = new HpackDecoder();
        var sink = new LineSink();
        Assert.Equal(HpackStatus.Done, decoder.Decode([.. Enumerable.Range(0x81, 61).Select(i => (byte)i)], ref sink));
        var lines = sink.ToString().Split('\n');
        Assert.Equal(":authority: ", lines[0]);
        Assert.Equal(":path: /index.html", lines[4]);
        Assert.Equal(":status: 500", lines[13]);
        Assert.Equal("accept-encoding: gzip, deflate", lines[15]);
        Assert.Equal("www-authenticate: ", lines[60]);
        Assert.All(sink.Known.Take(14), known => Assert.Equal(KnownHeader.Unknown, known));
        for (int i = 14; i < 61; i++)
            Assert.Equal(KnownHeaders.Text(sink.Known[i]).ToLowerInvariant(), lines[i].Split(':')[0]);
    }

    [Theory]
    [InlineData("80")]
    [InlineData("40 01 61 01 62 80")]
    public void Rfc_7541_6_1_index_0_is_refused(string block) => Fails(block, "An index is cut off or names no entry");

    [Theory]
    [InlineData("be", "An index is cut off or names no entry")]
    [InlineData("ff 00", "An index is cut off or names no entry")]
    [InlineData("40 01 61 01 62 bf", "An index is cut off or names no entry")]
    [InlineData("ff ff ff ff 0f", "An index is cut off or names no entry")]
    [InlineData("7f 00 01 61", "The index of a name names no entry")]
    [InlineData("0f 2f 01 61", "The index of a name names no entry")]
    [InlineData("1f 2f 01 61", "The index of a name names no entry")]
    public void Rfc_7541_2_3_3_an_index_beyond_both_tables_is_refused(string block, string problem) => Fails(block, problem);

    [Theory]
    [InlineData("ff")]
    [InlineData("40")]
    [InlineData("40 03 61 62")]
    [InlineData("40 01 61")]
    [InlineData("40 01 61 03 62")]
    [InlineData("0f")]
    [InlineData("41")]
    [InlineData("3f")]
    [InlineData("04 ff ff ff ff 7f")]
    public void A_block_that_is_cut_off_is_refused(string block) => Fails(block, null);

    [Theory]
    [InlineData("04 81 1e")]
    [InlineData("04 84 ff ff ff ff")]
    [InlineData("00 81 18 01 61")]
    public void Rfc_7541_5_2_strings_that_are_wrongly_encoded_are_refused(string block) => Fails(block, "A string is not encoded as it must be");

    [Fact]
    public void Rfc_7541_4_2_a_size_update_may_stand_only_at_the_start()
    {
        Fails("82 20", "A table size stands behind a field");
        Fails("20 82 3f e1 1f", "A table size stands behind a field");
        Assert.Equal((HpackStatus.Done, ":method: GET\n"), HpackBlock.Decode(new HpackDecoder(), "20 3f e1 1f 82"));
    }

    [Fact]
    public void Rfc_7541_6_3_a_size_update_above_the_settings_is_refused()
    {
        Fails("3f e2 1f", "A table size is larger than the settings allow");
        var decoder = new HpackDecoder();
        decoder.AcknowledgeTableSize(8192);
        Assert.Equal(HpackStatus.Done, HpackBlock.Decode(decoder, "3f e1 3f").Status);
        Assert.Equal(HpackStatus.Error, HpackBlock.Decode(decoder, "3f e2 3f").Status);
    }

    [Fact]
    public void Rfc_7541_4_2_a_smaller_table_has_to_be_said_in_the_next_block()
    {
        var decoder = new HpackDecoder();
        decoder.AcknowledgeTableSize(100);
        Assert.Equal(HpackStatus.Error, HpackBlock.Decode(decoder, "82").Status);
        Assert.Equal("The table was not made smaller after the settings had changed", decoder.Problem);

        decoder = new HpackDecoder();
        decoder.AcknowledgeTableSize(100);
        Assert.Equal(HpackStatus.Done, HpackBlock.Decode(decoder, "3f 45 82").Status);
        Assert.Equal(HpackStatus.Done, HpackBlock.Decode(decoder, "82").Status);
    }

    [Fact]
    public void Rfc_7541_4_2_the_smallest_of_several_sizes_has_to_be_said()
    {
        var decoder = new HpackDecoder();
        decoder.AcknowledgeTableSize(0);
        decoder.AcknowledgeTableSize(4096);
        Assert.Equal(HpackStatus.Error, HpackBlock.Decode(decoder, "3f e1 1f 82").Status);

        decoder = new HpackDecoder();
        decoder.AcknowledgeTableSize(0);
        decoder.AcknowledgeTableSize(4096);
        Assert.Equal(HpackStatus.Done, HpackBlock.Decode(decoder, "20 3f e1 1f 82").Status);
    }

    [Fact]
    public void A_larger_table_needs_no_update()
    {
        var decoder = new HpackDecoder();
        decoder.AcknowledgeTableSize(65_536);
        Assert.Equal(HpackStatus.Done, HpackBlock.Decode(decoder, "82").Status);
    }

    [Fact]
    public void Rfc_7541_4_3_a_smaller_table_evicts_the_oldest_entries()
    {
        var decoder = new HpackDecoder();
        // Three entries of 34 bytes each: a: 1, b: 2, c: 3.
        Assert.Equal(HpackStatus.Done, HpackBlock.Decode(decoder, "40 01 61 01 31  40 01 62 01 32  40 01 63 01 33").Status);
        Assert.Equal((HpackStatus.Done, "c: 3\nb: 2\n"), HpackBlock.Decode(decoder, "3f 25 be bf"));
        Assert.Equal(68, decoder.TableSize);
        Assert.Equal(HpackStatus.Error, HpackBlock.Decode(decoder, "c0").Status);
    }

    [Fact]
    public void Rfc_7541_4_4_an_entry_larger_than_the_table_empties_it()
    {
        var decoder = new HpackDecoder();
        Assert.Equal(HpackStatus.Done, HpackBlock.Decode(decoder, "3f 25 40 01 61 01 31").Status);
        Assert.Equal(34, decoder.TableSize);
        var large = new string('6', 1) + "1";
        Assert.Equal(HpackStatus.Done, HpackBlock.Decode(decoder, "40 01 62 28 " + string.Concat(Enumerable.Repeat(large, 40))).Status);
        Assert.Equal(0, decoder.TableSize);
    }

    [Fact]
    public void Rfc_7541_4_4_a_name_may_come_from_the_entry_that_its_use_evicts()
    {
        var decoder = new HpackDecoder();
        Assert.Equal(HpackStatus.Done, HpackBlock.Decode(decoder, "3f 07 40 01 61 03 31 32 33").Status);
        Assert.Equal((HpackStatus.Done, "a: xy\n"), HpackBlock.Decode(decoder, "7e 02 78 79"));
        Assert.Equal((HpackStatus.Done, "a: xy\n"), HpackBlock.Decode(decoder, "be"));
        Assert.Equal(35, decoder.TableSize);
    }

    [Fact]
    public void Names_survive_however_often_the_buffer_is_moved()
    {
        var decoder = new HpackDecoder();
        var text = new string('n', 900);
        Assert.Equal(HpackStatus.Done, HpackBlock.Decode(decoder, [0x40, 0x7F, 0x85, 0x06, .. Encoding.ASCII.GetBytes(text), 1, (byte)'0']).Status);
        for (int i = 1; i < 500; i++)
        {
            // The oldest of the entries, and the first to go.
            int entries = decoder.TableSize / 933;
            byte value = (byte)('0' + (i % 10));
            byte[] block = [(byte)(0x40 | (61 + entries) & 0x3F), 1, value];
            if (61 + entries >= 63)
                block = [0x7F, (byte)(61 + entries - 63), 1, value];
            Assert.Equal((HpackStatus.Done, $"{text}: {(char)value}\n"), HpackBlock.Decode(decoder, block));
        }
    }

    [Fact]
    public void Rfc_7541_6_2_3_never_indexed_fields_are_told_apart() =>
        Assert.Equal((HpackStatus.Done, "cookie: a=b !\ncookie: a=b\n"), HpackBlock.Decode(new HpackDecoder(), "1f 11 03 61 3d 62  0f 11 03 61 3d 62"));

    [Fact]
    public void A_list_beyond_the_limit_is_told_apart_and_the_table_stays_in_step()
    {
        // 33 + 1 + 32 and so on: the third field is the first that no longer fits.
        var decoder = new HpackDecoder(maxListSize: 100);
        Assert.Equal((HpackStatus.TooLarge, "a: 1\nb: 2\n"), HpackBlock.Decode(decoder, "40 01 61 01 31  40 01 62 01 32  40 01 63 01 33"));
        Assert.Equal((HpackStatus.Done, "c: 3\na: 1\n"), HpackBlock.Decode(decoder, "be c0"));
    }

    [Fact]
    public void Too_many_fields_are_told_apart()
    {
        var decoder = new HpackDecoder(maxFields: 128);
        Assert.Equal(HpackStatus.Done, HpackBlock.Decode(decoder, new string('8', 256).Replace("88", "82")).Status);
        var sink = new LineSink();
        Assert.Equal(HpackStatus.TooLarge, decoder.Decode(Enumerable.Repeat((byte)0x82, 129).ToArray(), ref sink));
        Assert.Equal(128, sink.Fields);
    }

    [Fact]
    public void A_bomb_costs_no_more_than_its_bytes()
    {
        var decoder = new HpackDecoder();
        // One entry of 4,000 bytes, then 60,000 references to it: 240 MB when decoded.
        var block = new byte[4 + 1 + 3 + 3995 + 60_000];
        byte[] start = [0x40, 0x01, (byte)'a', 0x7F, 0x9C, 0x1E];
        start.CopyTo(block, 0);
        block.AsSpan(start.Length, 3995).Fill((byte)'x');
        block.AsSpan(start.Length + 3995).Fill(0xBE);
        var sink = new CountingSink();
        Assert.Equal(HpackStatus.TooLarge, decoder.Decode(block, ref sink));
        Assert.Equal(16, sink.Fields);
        Assert.InRange(sink.Bytes, 1, 64 * 1024);
        Assert.Equal((HpackStatus.Done, ":method: GET\n"), HpackBlock.Decode(decoder, "82"));
    }

    private static void Fails(string block, string? problem)
    {
        var decoder = new HpackDecoder();
        Assert.Equal(HpackStatus.Error, HpackBlock.Decode(decoder, block).Status);
        Assert.NotNull(decoder.Problem);
        if (problem is not null)
            Assert.Equal(problem, decoder.Problem);
    }

    private struct CountingSink : IHpackSink
    {
        public int Fields;
        public int Bytes;

        public void OnField(scoped HpackField field)
        {
            Fields++;
            Bytes += field.Name.Length + field.Value.Length + 32;
        }
    }
}
