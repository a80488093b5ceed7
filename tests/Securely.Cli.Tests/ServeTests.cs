using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Securely.Cli.Tests;

public sealed class ServeTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("securely-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Without_a_file_it_says_first_where_the_welcome_page_is()
    {
        await using var program = await RunningProgram.StartAsync(_directory, "serve");

        Assert.Matches("^http://127\\.0\\.0\\.1:8[0-9]{3}/$", program.Lines[0]);
        Assert.Equal($"Neither ./securely.yaml nor {Path.Combine(CliPaths.Root, "no", "securely.yaml")} exists, so a welcome page answers every request", program.Lines[1]);
        Assert.Equal($"Securely {ProductVersion.Text} is ready", program.Lines[2]);
        using var response = await program.SendAsync("/anything", "any.test");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Contains("securely list", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await program.StopAsync());
    }

    [Fact]
    public async Task The_default_port_gives_way_to_the_next_free_one()
    {
        await using var first = await RunningProgram.StartAsync(_directory, "serve");
        await using var second = await RunningProgram.StartAsync(_directory, "serve");

        Assert.InRange(second.Address.Port, first.Address.Port + 1, 8179);
        Assert.Contains("Securely is running", await second.GetAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serves_the_file_of_its_directory_and_says_all_addresses()
    {
        Write("securely.yaml", """
            listeners: [{address: 127.0.0.1:0}, {address: unix:run.sock}, {address: "localhost:0"}]
            sites:
              - hosts: [app.test]
                routes:
                  - match: {path: /old/*}
                    redirect: {to: /new/}
                  - respond: {body: hello}
            """);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");

        Assert.Matches("^http://127\\.0\\.0\\.1:[1-9][0-9]*/$", program.Lines[0]);
        Assert.Equal("unix:" + Path.Combine(_directory, "run.sock"), program.Lines[1]);
        Assert.Matches("^http://127\\.0\\.0\\.1:[1-9][0-9]*/$", program.Lines[2]);
        Assert.Equal([$"Serving {Path.Combine(_directory, "securely.yaml")} (3 listeners, 0 upstreams, 1 site)", $"Securely {ProductVersion.Text} is ready"], program.Lines.Skip(3));
        Assert.Equal("hello", await program.GetAsync("/", "app.test"));
        using var unknown = await program.SendAsync("/", "other.test");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using var moved = await program.SendAsync("/old/a?b=1", "app.test");
        Assert.Equal(HttpStatusCode.PermanentRedirect, moved.StatusCode);
        Assert.Equal("/new/a?b=1", moved.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Limits_of_a_listener_are_its_own()
    {
        Write("securely.yaml", """
            listeners: [{address: 127.0.0.1:0, limits: {request_line: 64}}]
            sites: [{hosts: ["*"], routes: [{respond: {body: hello}}]}]
            """);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");

        Assert.Equal("hello", await program.GetAsync("/"));
        using var refused = await program.SendAsync("/" + new string('a', 100));
        Assert.Equal(HttpStatusCode.RequestUriTooLong, refused.StatusCode);
    }

    [Fact]
    public async Task Names_the_data_directory_where_it_exists()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "data"));
        Write("securely.yaml", "listeners: [{address: 127.0.0.1:0}]\ndata_dir: data\n");
        await using var program = await RunningProgram.StartAsync(_directory, "serve");

        Assert.Contains($"Data is in {Path.Combine(_directory, "data")}", program.Lines);
    }

    [Fact]
    public async Task A_port_in_use_fails_at_once()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = other.LocalEndpoint.ToString();
        Write("securely.yaml", $"listeners: [{{address: {address}}}]\nerror_log: error.log\n");

        var run = await CliRun.RunAsync(["serve"], _directory);

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.EndsWith($"Cannot listen on [{address}]: the address is in use; stop the other program or choose another port\n", run.Error, StringComparison.Ordinal);
        Assert.Contains("the address is in use", File.ReadAllText(Path.Combine(_directory, "error.log")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Proxy_forwards_to_its_servers_in_turn()
    {
        await using var one = await StartSiteAsync("one");
        await using var two = await StartSiteAsync("two");
        await using var proxy = await RunningProgram.StartAsync(_directory, "proxy", "--from", "127.0.0.1:0", "--to", one.Address.Authority, "--to", two.Address.Authority);

        Assert.Equal($"Forwarding to {one.Address.Authority}, {two.Address.Authority}", proxy.Lines[1]);
        string[] answers = [await proxy.GetAsync("/"), await proxy.GetAsync("/"), await proxy.GetAsync("/"), await proxy.GetAsync("/")];
        Assert.Equal(["one", "two"], answers.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Proxy_takes_relative_sockets_from_where_it_is_typed()
    {
        Write("securely.yaml", "listeners: [{address: 127.0.0.1:0}, {address: unix:app.sock}]\nsites: [{hosts: [\"*\"], routes: [{respond: {body: behind}}]}]\n");
        await using var app = await RunningProgram.StartAsync(_directory, "serve");
        await using var proxy = await RunningProgram.StartAsync(_directory, "proxy", "--from", "127.0.0.1:0", "--to", "unix:app.sock");

        Assert.Equal("behind", await proxy.GetAsync("/"));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1:1", "Option [--from]: Address [127.0.0.1] has no port; write IP:PORT, [IPv6]:PORT, *:PORT or unix:/path")]
    [InlineData("127.0.0.1:0", "127.0.0.1", "Option [--to]: Server [127.0.0.1] has no port; write [127.0.0.1:80]")]
    [InlineData("127.0.0.1:0", "http://127.0.0.1:1", "Option [--to]: Server [http://127.0.0.1:1] is a URL; write [127.0.0.1:1]")]
    public async Task Proxy_refuses_what_is_no_address(string from, string to, string expected)
    {
        var run = await CliRun.RunAsync("proxy", "--from", from, "--to", to);

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Equal(expected + "\nRun securely proxy --help\n", run.Error);
    }

    private async Task<RunningProgram> StartSiteAsync(string body)
    {
        Write(body + ".yaml", string.Create(CultureInfo.InvariantCulture, $"listeners: [{{address: 127.0.0.1:0}}]\nsites: [{{hosts: [\"*\"], routes: [{{respond: {{body: {body}}}}}]}}]\n"));
        return await RunningProgram.StartAsync(_directory, "serve", "-c", body + ".yaml");
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text);
}
