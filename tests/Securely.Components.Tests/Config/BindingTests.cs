using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Securely.Config;
using Securely.Encrypt;
using Securely.Testing;

namespace Securely.Components.Tests.Config;

/// <summary>Typed options that the generator lets read themselves.</summary>
public sealed class BindingTests
{
    [Fact]
    public void Reads_every_kind_of_property()
    {
        var options = Read("""
            mail:
              from: a@b.test
              reply_to: ""
              port: 587
              quota: 9000000000
              factor: 0.75
              retries: 5
              strict: false
              timeout: 5m
              rate: 10/m
              mode: html
              address: 192.0.2.1
              id: 550e8400-e29b-41d4-a716-446655440000
              to: [x, y]
              tags: one
              headers: {X-A: 1, X-B: ""}
              tls_settings: {name: front, verify: false}
              relays: [{name: r1}, {name: r2, verify: false}]
              named: {main: {name: n1}}
            """);

        Assert.Equal(("a@b.test", "", 587, 9_000_000_000, 0.75, 5, false), (options.From, options.ReplyTo, options.Port, options.Quota, options.Factor, options.Retries, options.Strict));
        Assert.Equal((TimeSpan.FromMinutes(5), new ConfigRate(10, TimeSpan.FromMinutes(1)), BoundMode.Html), (options.Timeout, options.Rate, options.Mode));
        Assert.Equal((IPAddress.Parse("192.0.2.1"), Guid.Parse("550e8400-e29b-41d4-a716-446655440000")), (options.Address, options.Id));
        Assert.Equal(["x", "y"], options.To);
        Assert.Equal(["one"], options.Tags);
        Assert.Equal([KeyValuePair.Create("X-A", "1"), KeyValuePair.Create("X-B", "")], options.Headers);
        Assert.Equal(("front", false), (options.Tls.Name, options.Tls.Verify));
        Assert.Equal([("r1", true), ("r2", false)], options.Relays.Select(relay => (relay.Name, relay.Verify)));
        Assert.Equal("n1", options.Named["main"].Name);
    }

    [Fact]
    public void An_absent_key_means_what_a_new_object_has()
    {
        var options = Read("mail: {from: a@b.test}\n");
        Assert.Equal((null, 25, 5_000_000_000, 1.5, 3, true, TimeSpan.FromSeconds(30)), (options.ReplyTo, options.Port, options.Quota, options.Factor, options.Retries, options.Strict, options.Timeout));
        Assert.Equal((BoundMode.PlainText, IPAddress.Loopback, "none"), (options.Mode, options.Address, options.Tls.Name));
        Assert.Equal(["root"], options.To);
    }

    [Fact]
    public void Says_everything_that_is_wrong_at_once()
    {
        var error = Assert.Throws<ConfigException>(() => Read("""
            mail:
              port: 70000
              factor: 3
              quota: many
              mode: htm
              fromm: x
              tls_settings: {verfy: true}
            """));
        Assert.Equal(
            [
                "app.yaml:2:3: [from] is missing in [mail]",
                "app.yaml:2:9: [port] must be between [1] and [65535], not [70000]",
                "app.yaml:3:11: [factor] must be between [0.5] and [2], not [3]",
                "app.yaml:4:10: [quota] is not one of the type [Int64]: [many]",
                "app.yaml:5:9: [mode] must be one of [plain_text], [html], not [htm]; did you mean [html]?",
                "app.yaml:6:3: [fromm] is unknown in [mail]; did you mean [from]?",
                "app.yaml:7:18: [verfy] is unknown in [mail.tls_settings]; did you mean [verify]?",
            ],
            error.Diagnostics.Items.Select(item => item.ToString()));
    }

    [Fact]
    public void Decrypts_encrypted_texts_and_never_shows_them()
    {
        var secrets = new ConfigSecrets(new Encrypter(Encrypter.GenerateKey()));
        var config = new ConfigRepository(YamlReader.Read($"mail: {{from: \"{secrets.Protect("hidden@b.test")}\", to: [\"{secrets.Protect("x")}\", plain]}}\n", "app.yaml"), secrets);
        var options = config.Bind<BoundOptions>();
        Assert.Equal("hidden@b.test", options.From);
        Assert.Equal(["x", "plain"], options.To);

        var other = new ConfigRepository(config.Root, new ConfigSecrets(new Encrypter(Encrypter.GenerateKey())));
        var error = Assert.Throws<ConfigException>(() => other.Bind<BoundOptions>());
        Assert.Contains("[from] cannot be decrypted", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void New_options_come_with_a_change_that_fits()
    {
        var config = new ConfigRepository(YamlReader.Read("mail: {from: a@b.test, port: 25}\n", "app.yaml"));
        var seen = new List<int>();
        var refused = new List<string>();
        using (config.OnChange<BoundOptions>(options => seen.Add(options.Port), diagnostics => refused.Add(diagnostics.Items[0].Message)))
        {
            config.Set("mail.port", "26");
            config.Set("other", "1");
            config.Set("mail.port", "0");
        }

        config.Set("mail.port", "27");
        Assert.Equal([26], seen);
        Assert.Equal(["[port] must be between [1] and [65535], not [0]"], refused);
    }

    [Fact]
    public void Options_stand_below_another_key_too()
    {
        var config = new ConfigRepository(YamlReader.Read("app: {smtp: {from: a@b.test, port: 2525}}\n", "app.yaml"));
        Assert.Equal(2525, config.Bind<BoundOptions>("app.smtp").Port);
        Assert.Equal(2525, config.Section("app").Bind<BoundOptions>("smtp").Port);
    }

    [Fact]
    public async Task A_container_has_the_configuration_and_typed_options_of_it()
    {
        using var directory = new TemporaryDirectory();
        var time = new ManualTimeProvider();
        var file = directory.Write("app.yaml", "mail: {from: a@b.test, port: 26}\n");
        var services = new ServiceCollection().AddSingleton<TimeProvider>(time).AddSecurelyConfig(new ConfigSources { YamlFiles = [file], Variables = new Dictionary<string, string>() }, watch: true);
        await using var provider = services.AddSecurelyOptions<BoundOptions>().BuildServiceProvider();

        Assert.Equal(26, provider.GetRequiredService<BoundOptions>().Port);
        var config = provider.GetRequiredService<ConfigRepository>();
        directory.Write("app.yaml", "mail: {from: a@b.test, port: 2700}\n");
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2700, config.Get<int>("mail.port"));
    }

    private static BoundOptions Read(string yaml) => new ConfigRepository(YamlReader.Read(yaml, "app.yaml")).Bind<BoundOptions>();
}
