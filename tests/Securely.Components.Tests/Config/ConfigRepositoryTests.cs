using Securely.Config;
using Securely.Encrypt;

namespace Securely.Components.Tests.Config;

public sealed class ConfigRepositoryTests
{
    private const string Text = """
        app:
          name: Shop
          port: "8080"
          debug: true
          ratio: 0.5
          pause: 5m
          nothing:
          hosts: [a.test, b.test]
        users:
          - {name: Ann, roles: [x, y]}
          - {name: Bob, roles: [z]}
        """;

    [Fact]
    public void Reads_values_as_the_types_that_are_asked_for()
    {
        var config = Make();
        Assert.Equal("Shop", config.Get<string>("app.name"));
        Assert.Equal(8080, config.Get<int>("app.port"));
        Assert.True(config.Get<bool>("app.debug"));
        Assert.Equal(0.5, config.Get<double>("app.ratio"));
        Assert.Equal(TimeSpan.FromMinutes(5), config.Get<TimeSpan>("app.pause"));
        Assert.Equal(7, config.Get("app.missing", 7));
        Assert.Equal(7, config.Get("app.nothing", 7));
        Assert.False(config.TryGet<int>("app.name", out _));
        Assert.Equal(["a.test", "b.test"], config.GetList("app.hosts").Select(host => host.Text));
        Assert.Empty(config.GetList("app.none"));
    }

    [Fact]
    public void An_error_names_the_key_the_place_and_the_way_out()
    {
        var config = Make();
        Assert.Equal("app.yaml:2:9: [app.name] must be a whole number that fits, not [Shop]", Assert.Throws<ConfigException>(() => config.Get<int>("app.name")).Message);
        Assert.Equal("app.yaml:1:1: [app.nam] is missing; did you mean [app.name]?", Assert.Throws<ConfigException>(() => config.Get<string>("app.nam")).Message);
        Assert.Contains("[app.port] must be a whole number", Assert.Throws<ConfigException>(() => config.Integer("app.port")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_star_reads_every_child()
    {
        var config = Make();
        Assert.Equal(["Ann", "Bob"], config.Match("users.*.name")!.Items.Select(item => item.Text));
        Assert.Equal(["x", "y", "z"], config.Match("users.*.roles.*")!.Items.Select(item => item.Text));
        Assert.Equal("Bob", config.Match("users.{last}.name")!.Text);
        Assert.Null(config.Match("app.name.*"));
    }

    [Fact]
    public void A_section_is_a_view_of_the_whole()
    {
        var config = Make();
        var app = config.Section("app");
        app.Set("name", "Store");
        config.Set("app.color", "red");
        Assert.Equal("Store", config.Get<string>("app.name"));
        Assert.Equal("red", app.Get<string>("color"));
        Assert.Equal("x", config.Section("users").Section("0").Get<string>("roles.0"));
    }

    [Fact]
    public void Tells_of_changes_at_and_below_a_key_only()
    {
        var config = Make();
        var told = new List<string>();
        using var app = config.OnChange("app", changed => told.Add("app " + changed.Get<string>("app.name")));
        var users = config.OnChange("users", _ => told.Add("users"));
        using var section = config.Section("app").OnChange("name", changed => told.Add("name " + changed.Get<string>("name")));

        config.Set("app.name", "Store");
        config.Set("app.name", "Store");
        config.Set("other", "1");
        config.Set("users.0.name", "Cy");
        users.Dispose();
        config.Set("users.0.name", "Dee");

        Assert.Equal(["app Store", "name Store", "users"], told);
    }

    [Fact]
    public void An_encrypted_value_is_decrypted_when_it_is_read_and_never_told()
    {
        var secrets = new ConfigSecrets(new Encrypter(Encrypter.GenerateKey()));
        var config = new ConfigRepository(ConfigTree.Set(ConfigValue.EmptyMap, "db.password", ConfigValue.FromText(secrets.Protect("hunter2"), ConfigOrigin.Code)), secrets);

        Assert.Equal("hunter2", config.Get<string>("db.password"));
        Assert.Equal("hunter2", config.String("db.password"));
        var error = Assert.Throws<ConfigException>(() => config.Integer("db.password"));
        Assert.Equal("code: [db.password] must be a whole number, not an encrypted text", error.Message);
        Assert.DoesNotContain("hunter2", string.Join('\n', config.All().Select(pair => pair.Value.Text)), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_key_decrypts_nothing()
    {
        var payload = new ConfigSecrets(new Encrypter(Encrypter.GenerateKey())).Protect("x");
        var config = new ConfigRepository(ConfigTree.Set(ConfigValue.EmptyMap, "a", ConfigValue.FromText(payload, ConfigOrigin.Code)), new ConfigSecrets(new Encrypter(Encrypter.GenerateKey())));
        Assert.Contains("cannot be decrypted", Assert.Throws<ConfigException>(() => config.Get<string>("a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        var config = Make();
        var sum = Read(config);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            sum += Read(config);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEqual(0, sum);

        static int Read(ConfigRepository config) =>
            config.Get<int>("app.port") + (config.Get<bool>("app.debug") ? 1 : 0) + config.Get<string>("users.0.roles.1").Length + (int)config.Get("app.pause", TimeSpan.Zero).Ticks;
    }

    [Fact]
    public async Task Writers_at_once_lose_nothing()
    {
        var config = new ConfigRepository();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < 200; i++)
                config.Set($"w{writer}.k{i}", "1");
        })));
        Assert.Equal(800, config.All().Count());
    }

    private static ConfigRepository Make() => new(YamlReader.Read(Text, "app.yaml"));
}
