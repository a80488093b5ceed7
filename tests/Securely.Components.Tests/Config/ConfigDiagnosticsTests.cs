using Securely.Config;

namespace Securely.Components.Tests.Config;

public sealed class ConfigDiagnosticsTests
{
    [Fact]
    public void Writes_errors_and_warnings_with_their_place()
    {
        var diagnostics = new ConfigDiagnostics();
        diagnostics.Warning(new ConfigOrigin("a.yaml", 2, 3), "odd");
        diagnostics.Error(new ConfigOrigin("a.yaml", 1, 1), "wrong");

        Assert.Equal("a.yaml:1:1: wrong\na.yaml:2:3: warning: odd", diagnostics.ToString());
    }

    [Fact]
    public void Says_the_same_about_the_same_place_once()
    {
        var diagnostics = new ConfigDiagnostics();
        diagnostics.Error(new ConfigOrigin("a.yaml", 1, 1), "wrong");
        diagnostics.Error(new ConfigOrigin("a.yaml", 1, 1), "wrong");

        Assert.Single(diagnostics.Items);
    }

    [Fact]
    public void Keeps_files_in_the_order_in_which_they_were_read()
    {
        var diagnostics = new ConfigDiagnostics();
        diagnostics.Error(new ConfigOrigin("z.yaml", 9, 1), "1");
        diagnostics.Error(new ConfigOrigin("a.yaml", 1, 1), "2");
        diagnostics.Error(new ConfigOrigin("z.yaml", 2, 1), "3");

        Assert.Equal(["3", "1", "2"], diagnostics.Items.Select(d => d.Message));
    }

    [Fact]
    public void Warnings_do_not_end_reading()
    {
        var diagnostics = new ConfigDiagnostics();
        diagnostics.Warning(ConfigOrigin.Code, "odd");

        diagnostics.ThrowIfErrors();
        Assert.False(diagnostics.HasErrors);
    }

    [Fact]
    public void The_exception_names_the_errors_and_keeps_the_warnings()
    {
        var diagnostics = new ConfigDiagnostics();
        diagnostics.Warning(new ConfigOrigin("a", 1, 1), "odd");
        diagnostics.Error(new ConfigOrigin("a", 2, 1), "wrong");

        var error = Assert.Throws<ConfigException>(diagnostics.ThrowIfErrors);
        Assert.Equal("a:2:1: wrong", error.Message);
        Assert.Equal(2, error.Diagnostics.Items.Count);
    }

    [Fact]
    public void A_source_without_lines_is_named_alone() => Assert.Equal("environment", new ConfigOrigin("environment", 0, 0).ToString());
}
