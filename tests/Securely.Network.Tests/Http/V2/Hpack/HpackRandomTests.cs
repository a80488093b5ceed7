using System.Text;
using Securely.Http;

namespace Securely.Network.Tests.Http.V2.Hpack;

public sealed class HpackRandomTests
{
    [Fact]
    public void What_is_encoded_is_decoded()
    {
        var random = new Random(9113);
        for (int connection = 0; connection < 60; connection++)
        {
            var encoder = new HpackEncoder();
            var decoder = new HpackDecoder(int.MaxValue, int.MaxValue);
            var output = new HpackBuffer();
            for (int message = 0; message < 60; message++)
            {
                if (random.Next(10) == 0)
                    encoder.SetPeerTableSize((uint)random.Next(3) * (uint)random.Next(3000));
                output.Clear();
                encoder.Begin(output);
                var expected = WriteFields(encoder, random);
                var (status, fields) = HpackBlock.Decode(decoder, output.Written);
                Assert.Equal(HpackStatus.Done, status);
                Assert.Equal(expected, fields.Replace(" !\n", "\n"));
                Assert.Equal(encoder.TableSize, decoder.TableSize);
            }

            encoder.Release();
            decoder.Release();
            output.Release();
        }
    }

    [Fact]
    public void A_damaged_block_is_an_error_or_other_fields_and_nothing_else()
    {
        var random = new Random(7541);
        var output = new HpackBuffer();
        int errors = 0;
        int done = 0;
        for (int round = 0; round < 3000; round++)
        {
            var encoder = new HpackEncoder();
            var decoder = new HpackDecoder();
            for (int message = 0; message < 6 && decoder.Problem is null; message++)
            {
                output.Clear();
                encoder.Begin(output);
                WriteFields(encoder, random);
                byte[] block = Damage(output.Written.ToArray(), random);
                var status = HpackBlock.Decode(decoder, block).Status;
                errors += status == HpackStatus.Error ? 1 : 0;
                done += status == HpackStatus.Done ? 1 : 0;
                Assert.InRange(decoder.TableSize, 0, 4096);
            }
        }

        Assert.True(errors > 500 && done > 500, $"{errors} errors, {done} blocks");
    }

    [Fact]
    public void Random_bytes_are_an_error_or_fields_and_nothing_else()
    {
        var random = new Random(1234);
        for (int round = 0; round < 20_000; round++)
        {
            var decoder = new HpackDecoder();
            var block = new byte[random.Next(64)];
            random.NextBytes(block);
            HpackBlock.Decode(decoder, block);
            Assert.InRange(decoder.TableSize, 0, 4096);
        }
    }

    [Fact]
    public void Nothing_is_allocated_in_steady_state()
    {
        var encoder = new HpackEncoder();
        var decoder = new HpackDecoder();
        var output = new HpackBuffer();
        var sink = default(NoSink);
        for (int i = 0; i < 2000; i++)
            Exchange(i, encoder, decoder, output, ref sink);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 2000; i++)
            Exchange(i, encoder, decoder, output, ref sink);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(8 * 4000, sink.Fields);
    }

    private static void Exchange(int number, HpackEncoder encoder, HpackDecoder decoder, HpackBuffer output, ref NoSink sink)
    {
        Span<byte> text = stackalloc byte[12];
        number.TryFormat(text, out int length);
        output.Clear();
        encoder.Begin(output);
        encoder.WriteMethod("GET"u8);
        encoder.WriteScheme("https"u8);
        encoder.WriteAuthority("www.example.test"u8);
        encoder.WritePath("/index.php?id=1"u8);
        encoder.Write(KnownHeader.UserAgent, default, "Mozilla/5.0 (X11; Linux x86_64)"u8);
        encoder.Write(KnownHeader.Unknown, "X-Request"u8, text[..length]);
        encoder.Write(KnownHeader.Accept, default, text[..(length - (length / 4))]);
        encoder.Write(KnownHeader.Cookie, default, "session=0123456789abcdef0123456789"u8);
        Assert.True(decoder.Decode(output.Written, ref sink) == HpackStatus.Done);
    }

    private static string WriteFields(HpackEncoder encoder, Random random)
    {
        var lines = new StringBuilder();
        encoder.WritePath("/a"u8);
        lines.Append(":path: /a\n");
        for (int fields = random.Next(12); fields > 0; fields--)
        {
            var known = random.Next(3) == 0 ? KnownHeader.Unknown : (KnownHeader)random.Next(1, KnownHeaders.Count);
            string name = known == KnownHeader.Unknown ? $"x-{random.Next(20)}" : KnownHeaders.Text(known).ToLowerInvariant();
            var value = new byte[random.Next(4) == 0 ? random.Next(1500) : random.Next(30)];
            for (int i = 0; i < value.Length; i++)
                value[i] = (byte)(value.Length % 5 == 0 ? random.Next(256) : 'a' + (value.Length % 20));
            encoder.Write(known, Encoding.ASCII.GetBytes(name), value, random.Next(20) == 0);
            lines.Append(name).Append(": ").Append(Encoding.Latin1.GetString(value)).Append('\n');
        }

        return lines.ToString();
    }

    private static byte[] Damage(byte[] block, Random random)
    {
        for (int changes = random.Next(3); changes > 0 && block.Length > 0; changes--)
        {
            int at = random.Next(block.Length);
            switch (random.Next(4))
            {
                case 0:
                    block[at] = (byte)random.Next(256);
                    break;
                case 1:
                    block[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    block = [.. block.AsSpan(0, at), .. block.AsSpan(at + 1)];
                    break;
                default:
                    block = block[..at];
                    break;
            }
        }

        return block;
    }

    private struct NoSink : IHpackSink
    {
        public int Fields;

        public void OnField(scoped HpackField field) => Fields++;
    }
}
