using Securely.Validation;

namespace Securely.Components.Tests.Validation;

public sealed class ValidatorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Returns_only_what_has_rules()
    {
        var data = FieldValue.From(new Dictionary<string, object?>
        {
            ["name"] = "Ann",
            ["extra"] = 1,
            ["users"] = new object[] { new Dictionary<string, object?> { ["id"] = 1, ["secret"] = "x" } },
        });
        var validator = new Validator(data, new RuleSet { ["name"] = "required", ["users"] = "array", ["users.*.id"] = "integer" });

        var valid = await validator.ValidateAsync(Token);

        Assert.Equal(["name", "users"], valid.Keys);
        Assert.Equal(1, valid.Get("users.0.id").AsInteger);
        Assert.True(valid.Get("users.0.secret").IsNull);
    }

    [Fact]
    public async Task Throws_with_the_first_message_and_the_number_of_others()
    {
        var validator = new Validator(FieldValue.Map(), new RuleSet { ["a"] = "required", ["b"] = "required", ["c"] = "required" });

        var failure = await Assert.ThrowsAsync<ValidationException>(async () => await validator.ValidateAsync(Token));

        Assert.Equal("Please give a. (and 2 more errors)", failure.Message);
        Assert.Equal(["a", "b", "c"], failure.Errors.Keys);
        Assert.Equal(422, failure.Status);
    }

    [Fact]
    public async Task Writes_a_problem_document_with_pointers()
    {
        var data = Judge.Form(("a/b", Judge.Form(("c d", 1))));
        var validator = new Validator(data, new RuleSet { ["a/b.c d"] = "string" });
        Assert.False(await validator.PassesAsync(Token));
        Assert.Equal(
            """{"type":"about:blank","title":"The data is not valid","status":422,"detail":"A/b.c d has to be text.","errors":[{"detail":"A/b.c d has to be text.","pointer":"#/a~1b/c%20d","field":"a/b.c d","rule":"string"}]}""",
            validator.ToProblem().ToJson());
    }

    [Fact]
    public async Task Finds_keys_with_dots_by_an_escape()
    {
        var data = Judge.Form(("a.b", Judge.Form(("c", "x"))));
        var validator = new Validator(data, new RuleSet { [@"a\.b.c"] = "integer", ["a.b.c"] = "missing" });
        Assert.False(await validator.PassesAsync(Token));
        Assert.Equal("integer", Assert.Single(validator.Failures).Value[0].Name);
    }

    [Fact]
    public async Task Leaves_out_what_is_excluded_with_all_below_it()
    {
        var data = Judge.Form(("a", Judge.Form(("x", 1), ("y", 2))), ("b", "1"));
        var validator = new Validator(data, new RuleSet { ["a"] = "exclude_if:b,1", ["a.x"] = "string", ["b"] = "required" });
        var valid = await validator.ValidateAsync(Token);
        Assert.Equal(["b"], valid.Keys);
    }

    [Fact]
    public async Task Leaves_a_parent_empty_whose_fields_are_all_excluded()
    {
        var data = Judge.Form(("type", "guest"), ("address", Judge.Form(("street", "x"))));
        var validator = new Validator(data, new RuleSet { ["type"] = "required", ["address"] = "required|array", ["address.street"] = "exclude_if:type,guest|required" });
        var valid = await validator.ValidateAsync(Token);
        Assert.Equal(["type", "address"], valid.Keys);
        Assert.Empty(Assert.IsAssignableFrom<System.Collections.IEnumerable>(valid["address"]));
    }

    [Fact]
    public async Task Follows_the_index_of_the_field_in_other_fields()
    {
        var data = FieldValue.From(new Dictionary<string, object?>
        {
            ["u"] = new[] { new Dictionary<string, object?> { ["t"] = "x" }, new Dictionary<string, object?> { ["t"] = "y" } },
        });
        var validator = new Validator(data, new RuleSet { ["u.*.n"] = "required_if:u.*.t,x" });
        Assert.False(await validator.PassesAsync(Token));
        Assert.Equal(["u.0.n"], validator.Errors.Keys);
        Assert.Equal(["u.0.t", "x"], validator.Failures["u.0.n"][0].Parameters);
    }

    [Fact]
    public async Task Runs_callbacks_and_rules_under_conditions()
    {
        var validator = new Validator(Judge.Form(("kind", "staff")), new RuleSet { ["kind"] = "required" })
            .Sometimes("badge", "required", (input, _) => input.Get("kind").AsText == "staff")
            .After(run => run.AddFailure("kind", "in", "a", "b"));
        Assert.False(await validator.PassesAsync(Token));
        Assert.Equal(["Please give badge.", "Kind has to be one of a, b."], validator.Errors.All());
    }

    [Fact]
    public async Task Can_be_run_again()
    {
        var validator = new Validator(Judge.Form(("a", "x")), new RuleSet { ["a"] = "integer" });
        Assert.False(await validator.PassesAsync(Token));
        validator.SetValue("a", 1);
        Assert.True(await validator.PassesAsync(Token));
        Assert.True(validator.Errors.IsEmpty);
    }

    [Fact]
    public async Task Keeps_changed_values_when_it_runs_again_after_an_exclusion()
    {
        var validator = new Validator(Judge.Form(("a", "x"), ("b", 1)), new RuleSet { ["a"] = "integer", ["b"] = "exclude" });
        Assert.False(await validator.PassesAsync(Token));
        validator.SetValue("a", 1);
        Assert.True(await validator.PassesAsync(Token));
        Assert.Equal(1, validator.Data.Get("a").AsInteger);
        Assert.False(validator.Has("b"));
    }

    [Fact]
    public async Task Takes_rules_of_its_users()
    {
        var registry = new RuleRegistry().Add("even", context => context.Value.AsInteger % 2 == 0, ":Attribute has to be even.");
        var validator = new Validator(Judge.Form(("n", 3)), new RuleSet(registry) { ["n"] = ["even", Rule.Using(context => context.Fail("no :attribute"))] });
        Assert.False(await validator.PassesAsync(Token));
        Assert.Equal(["N has to be even.", "no n"], validator.Errors.All());
    }

    [Fact]
    public void Finds_faults_of_rules_when_they_are_read()
    {
        var rules = new RuleSet();
        Assert.Equal("Field [a]: Rule [requierd] is not known; did you mean [required]?", Fault(() => rules["a"] = "requierd"));
        Assert.Contains("[between] needs 2 parameters", Fault(() => rules["a"] = "between:1"), StringComparison.Ordinal);
        Assert.Contains("[max] needs a number", Fault(() => rules["a"] = "max:1kb"), StringComparison.Ordinal);
        Assert.Contains("needs a country", Fault(() => rules["a"] = "timezone:per_country"), StringComparison.Ordinal);
        Assert.Contains("needs the list form", Fault(() => rules["a"] = "regex:/a|b/"), StringComparison.Ordinal);

        static string Fault(Action read) => Assert.Throws<RuleException>(read).Message;
    }

    [Fact]
    public async Task A_password_of_digits_is_measured_by_its_length()
    {
        Assert.True(await Judge.PassesAsync(["numeric", Rule.Password(8).Max(10)], "12345678"));
        Assert.False(await Judge.PassesAsync(["numeric", Rule.Password(8)], "1234567"));
    }

    [Fact]
    public async Task Says_what_is_missing_when_a_store_is_needed()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(async () => await Judge.PassesAsync("unique:users", "x"));
        Assert.Contains("ValidatorOptions.Presence", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asks_the_network_through_an_interface()
    {
        var options = new ValidatorOptions { Hosts = new OnlyExample() };
        Assert.True(await Judge.Of("active_url", "https://user@example.com:80/x", options).PassesAsync(Token));
        Assert.False(await Judge.Of("active_url", "https://example.org", options).PassesAsync(Token));
        Assert.True(await Judge.Of("email:dns", "ann@example.com", options).PassesAsync(Token));
        Assert.False(await Judge.Of("email:dns", "ann@example.org", options).PassesAsync(Token));
    }

    private sealed class OnlyExample : IHostLookup
    {
        public ValueTask<bool> HasAddressAsync(string host, CancellationToken cancellationToken) => new(host == "example.com");

        public ValueTask<bool> AcceptsMailAsync(string domain, CancellationToken cancellationToken) => new(domain == "example.com");
    }
}
