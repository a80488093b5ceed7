using Securely.Net;

namespace Securely.Network.Tests.Http.V2;

/// <summary>Frames that make little sense together, the same ones on every run: whatever they are, the connection ends properly and every request with it.</summary>
public sealed class RandomFramesTests
{
    private const int Cases = 20;
    private const int Frames = 120;

    private static readonly string[] _blocks =
    [
        "82 86 84 4103612e62",
        "83 86 04052f6563686f 4103612e62",
        "83 86 04052f77616974 4103612e62",
        "0001780179",
        "82 86",
        "ff",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Nothing_that_a_client_sends_leaves_a_request_behind(int first)
    {
        for (var number = 0; number < Cases; number++)
        {
            var random = new Random((first * 1_000) + number);
            var (begun, ended) = (0, 0);
            await FrameStage.PlayAsync(
                async client =>
                {
                    for (var frame = 0; frame < Frames && !client.IsEnded; frame++)
                        await SendAsync(client, Frame(random));
                },
                async session =>
                {
                    begun++;
                    try
                    {
                        await FrameStage.AnswerAsync(session);
                    }
                    finally
                    {
                        ended++;
                    }
                });
            Assert.True(begun == ended, $"case {first}.{number}: {begun} begun, {ended} ended");
        }
    }

    private static async ValueTask SendAsync(FrameClient client, string frame)
    {
        try
        {
            await client.SendAsync(frame);
        }
        catch (NetException)
        {
            // The server has ended the connection; that is its right.
        }
    }

    private static string Frame(Random random)
    {
        var stream = (random.Next(12) * 2) + (random.Next(20) == 0 ? 0 : 1);
        return random.Next(10) switch
        {
            < 3 => FrameClient.Frame(1, random.Next(4) == 0 ? 4 : 5, stream, _blocks[random.Next(_blocks.Length)]),
            3 => FrameClient.Frame(0, random.Next(2), stream, Payload(random, random.Next(30))),
            4 => FrameClient.Frame(0, random.Next(16), stream, Payload(random, random.Next(2_000))),
            5 => FrameClient.Frame(3, 0, stream, "00000008"),
            6 => FrameClient.Frame(8, 0, random.Next(2) == 0 ? 0 : stream, $"{random.Next(1, 100_000):x8}"),
            7 => FrameClient.Frame(4, 0, 0, $"0004{random.Next(100_000):x8}"),
            8 => FrameClient.Frame(0x10, 0, 0, $"{stream:x8}753d{random.Next(0x30, 0x38):x2}"),
            _ => random.Next(8) == 0
                ? FrameClient.Frame(random.Next(12), random.Next(256), stream, Payload(random, random.Next(20)))
                : FrameClient.Frame(6, 0, 0, Payload(random, 8)),
        };
    }

    private static string Payload(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return Convert.ToHexString(bytes);
    }
}
