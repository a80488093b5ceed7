using System.Diagnostics;
using System.Text;
using Securely.Http;
using Securely.Proxy;

namespace Securely.Network.Tests.Proxy.Tracing;

/// <summary>W3C Trace Context 3.2: what a traceparent may look like.</summary>
public sealed class TraceParentTests
{
    [Theory]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", false)]
    [InlineData("00-00000000000000000000000000000001-0000000000000001-01", true)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff", true)]
    [InlineData("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true)]
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later", true)]
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-", false)]
    public void Reads_what_it_should(string text, bool isSampled)
    {
        Assert.True(TraceParent.TryParse(Encoding.ASCII.GetBytes(text), out var parent));
        var context = parent.ToContext("a=b");
        Assert.Equal(
            (text.Substring(3, 32), text.Substring(36, 16), isSampled ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None, "a=b", true),
            (context.TraceId.ToString(), context.SpanId.ToString(), context.TraceFlags, context.TraceState, context.IsRemote));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-011")]
    [InlineData("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more")]
    [InlineData("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    [InlineData("0G-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01")]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e473 -00f067aa0ba902b7-01")]
    [InlineData("00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e47-3600f067aa0ba902b7-01-")]
    public void Refuses_what_it_should(string text) => Assert.False(TraceParent.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    [InlineData("00-00000000000000000000000000000001-0000000000000001-02", "00-00000000000000000000000000000001-0000000000000001-02")]
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-x", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03")]
    public void Writes_version_0_with_the_flags_that_it_knows(string text, string written)
    {
        Assert.True(TraceParent.TryParse(Encoding.ASCII.GetBytes(text), out var parent));
        var bytes = new byte[TraceParent.Length];
        parent.Write(bytes);
        Assert.Equal(written, Encoding.ASCII.GetString(bytes));
    }

    [Fact]
    public void A_field_that_stands_twice_is_none()
    {
        const string Value = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        var headers = new HeaderMap();
        Assert.False(TraceParent.TryRead(headers, out _));
        headers.Append(HeaderName.Traceparent, Value);
        Assert.True(TraceParent.TryRead(headers, out _));
        headers.Append(HeaderName.Traceparent, Value);
        Assert.False(TraceParent.TryRead(headers, out var parent));
        Assert.Equal(default, parent);
    }

    [Fact]
    public void A_trace_of_its_own_is_another_one_each_time_and_not_sampled()
    {
        var random = new Random(1);
        var made = Enumerable.Range(0, 100).Select(_ => TraceParent.CreateUnsampled(random)).ToList();
        Assert.Equal(100, made.Select(parent => parent.TraceId).Distinct().Count());
        Assert.Equal(100, made.Select(parent => parent.SpanId).Distinct().Count());
        Assert.All(made, parent => Assert.False(parent.IsSampled));
    }
}
