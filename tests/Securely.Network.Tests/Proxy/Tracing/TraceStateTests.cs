using Securely.Http;
using Securely.Proxy;

namespace Securely.Network.Tests.Proxy.Tracing;

/// <summary>W3C Trace Context 3.3: what a tracestate may look like.</summary>
public sealed class TraceStateTests
{
    private static readonly string Key256 = new('z', 256);
    private static readonly string Value256 = new('~', 256);

    public static TheoryData<string[], string?> Lists => new()
    {
        { ["rojo=00f067aa0ba902b7"], "rojo=00f067aa0ba902b7" },
        { ["rojo=1,congo=2"], "rojo=1,congo=2" },
        { ["rojo=1", "congo=2,a=3"], "rojo=1,congo=2,a=3" },
        { [" rojo=1 \t,\t congo=2 "], "rojo=1,congo=2" },
        { [",rojo=1,,congo=2,"], "rojo=1,congo=2" },
        { ["fw529a3039@dt=FfffFI4:;!", "0a_-*/=x y"], "fw529a3039@dt=FfffFI4:;!,0a_-*/=x y" },
        { ["a=1,a=2"], "a=1,a=2" },
        { [Key256 + "=1"], Key256 + "=1" },
        { ["a=" + Value256], "a=" + Value256 },
        { [string.Join(',', Enumerable.Range(0, 32).Select(i => $"a{i}=1"))], string.Join(',', Enumerable.Range(0, 32).Select(i => $"a{i}=1")) },
        { [], null },
        { [""], null },
        { [" , "], null },
        { ["rojo"], null },
        { ["=1"], null },
        { ["rojo="], null },
        { ["rojo=1,Congo=2"], null },
        { ["rojo=1", "con go=2"], null },
        { ["_a=1"], null },
        { ["a=1=2"], null },
        { ["a=\u00e9"], null },
        { ["a=1\t2"], null },
        { [Key256 + "z=1"], null },
        { ["a=" + Value256 + "~"], null },
        { ["a=" + Value256, "b=" + Value256], null },
        { [string.Join(',', Enumerable.Range(0, 33).Select(i => $"a{i}=1"))], null },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public void Is_one_list_or_nothing(string[] fields, string? expected)
    {
        var headers = new HeaderMap();
        foreach (var field in fields)
            headers.Append(HeaderName.Tracestate, field);
        Assert.Equal(expected, TraceState.Read(headers));
    }
}
