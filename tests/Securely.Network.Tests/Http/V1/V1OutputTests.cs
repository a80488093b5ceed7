using Securely.Http;
using Securely.Net;

namespace Securely.Network.Tests.Http.V1;

public sealed class V1OutputTests
{
    [Theory]
    [InlineData(1, false, true)]
    [InlineData(1, true, false)]
    [InlineData(2, true, true)]
    public async Task A_message_counts_as_sent_unless_all_of_it_was_lost(int writes, bool isLost, bool hasSent)
    {
        var output = new V1Output();
        output.Open(new LosingConnection(isLost), new SlabPool());
        output.BeginMessage();
        Assert.False(output.HasSent);
        for (var i = 0; i < writes; i++)
        {
            "GET "u8.CopyTo(output.GetSpan(4));
            output.Advance(4);
            await output.FlushAsync();
        }

        Assert.Equal(hasSent, output.HasSent);
        output.BeginMessage();
        Assert.False(output.HasSent);
    }

    /// <summary>A connection whose writes seem to succeed.</summary>
    private sealed class LosingConnection(bool isLost) : Connection
    {
        public override bool IsClosed => false;

        public override bool HasLostWrite => isLost;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer) => new(0);

        public override ValueTask<bool> WaitReadableAsync() => new(true);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => default;

        public override void ShutdownWrite()
        {
        }

        public override void Abort(NetException reason)
        {
        }

        public override void Close()
        {
        }
    }
}
