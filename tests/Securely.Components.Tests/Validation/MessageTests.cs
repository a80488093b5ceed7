using Securely.Validation;

namespace Securely.Components.Tests.Validation;

public sealed class MessageTests
{
    [Theory]
    [InlineData("field.max", "of the field :max")]
    [InlineData("max", "of the rule :max")]
    [InlineData("field", "of the field alone :max")]
    [InlineData("field.max.numeric", "by type :max")]
    [InlineData("fi*.max", "by pattern :max")]
    public async Task Finds_own_messages(string key, string message)
    {
        var options = new ValidatorOptions { Messages = new Dictionary<string, string> { [key] = message } };
        Assert.Equal(message.Replace(":max", "3", StringComparison.Ordinal), await FirstAsync("integer|max:3", 9, options));
    }

    [Theory]
    [InlineData("integer|min:10", 9, "Field muss 10 oder mehr sein.")]
    [InlineData("string|min:10", "ab", "Field braucht 10 Zeichen oder mehr.")]
    [InlineData("required", null, "Bitte field angeben.")]
    public async Task Speaks_German(string rules, object? value, string message) =>
        Assert.Equal(message, await FirstAsync(rules, FieldValue.From(value), new ValidatorOptions { Catalog = MessageCatalog.German }));

    [Theory]
    [InlineData("string|gt:pin", "abc", "5")]
    [InlineData("gt:pin", "3", "12345")]
    [InlineData("numeric|gt:pin", "3", "12345")]
    public async Task Tells_the_size_that_was_compared_with(string rules, string value, string size)
    {
        var options = new ValidatorOptions { Messages = new Dictionary<string, string> { ["gt"] = ":value" } };
        var validator = new Validator(Judge.Form(("field", value), ("pin", "12345")), new RuleSet { ["field"] = rules }, options);
        await validator.PassesAsync(TestContext.Current.CancellationToken);
        Assert.Equal(size, validator.Errors.First());
    }

    [Fact]
    public async Task Names_fields_and_values()
    {
        var options = new ValidatorOptions
        {
            Attributes = new Dictionary<string, string> { ["field"] = "card number", ["pay"] = "payment" },
            Values = new Dictionary<string, IReadOnlyDictionary<string, string>> { ["pay"] = new Dictionary<string, string> { ["cc"] = "credit card" } },
        };
        var validator = new Validator(Judge.Form(("pay", "cc")), new RuleSet { ["field"] = "required_if:pay,cc" }, options);
        await validator.PassesAsync(TestContext.Current.CancellationToken);
        Assert.Equal("Please give card number, because payment is credit card.", validator.Errors.First());
    }

    [Theory]
    [InlineData("users.0.mail", "Give user mail to the clerk.")]
    [InlineData("users.0.name", "Two letters at least for the name of a user.")]
    [InlineData("kind", "Kind of user has to be one of natural person.")]
    [InlineData("age", "Old enough, please.")]
    public async Task A_catalogue_has_messages_and_names_of_single_fields(string field, string message)
    {
        var catalog = MessageCatalog.English.With(new Dictionary<string, string>
        {
            ["custom.users.*.mail.required"] = "Give :attribute to the clerk.",
            ["custom.users.0.name.min.string"] = "Two letters at least for the name of a user.",
            ["custom.age.min"] = "Old enough, please.",
            ["attributes.users.*.mail"] = "user mail",
            ["attributes.kind"] = "kind of user",
            ["values.kind.nat"] = "natural person",
        });
        var rules = new RuleSet { ["users.*.mail"] = "required", ["users.*.name"] = "min:2", ["kind"] = "in:nat", ["age"] = "integer|min:18" };
        var data = Judge.Form(("users", FieldValue.From(new[] { new Dictionary<string, object?> { ["name"] = "x" } })), ("kind", "jur"), ("age", 3));
        var validator = new Validator(data, rules, new ValidatorOptions { Catalog = catalog });
        await validator.PassesAsync(TestContext.Current.CancellationToken);
        Assert.Equal(message, validator.Errors.First(field));
    }

    [Fact]
    public async Task What_the_options_say_goes_before_the_catalogue()
    {
        var options = new ValidatorOptions
        {
            Catalog = MessageCatalog.English.With(new Dictionary<string, string> { ["custom.field.integer"] = "catalogue", ["attributes.field"] = "catalogue" }),
            Messages = new Dictionary<string, string> { ["integer"] = "options :attribute" },
            Attributes = new Dictionary<string, string> { ["field"] = "too" },
        };
        Assert.Equal("options too", await FirstAsync("integer", "x", options));
    }

    [Fact]
    public void Keeps_messages_by_field()
    {
        var bag = new ErrorBag().Add("a", "1").Add("a", "1").Add("a", "2").Add("users.0.n", "3").AddIf(false, "b", "4");
        Assert.Equal(3, bag.Count);
        Assert.Equal(["1", "2"], bag.Get("a"));
        Assert.Equal(["3"], bag.Get("users.*"));
        Assert.Equal("a: 1", bag.First("a", ":key: :message"));
        Assert.True(bag.Has("a", "users.0.n") && bag.HasAny("x", "a") && bag.Missing("b"));
        Assert.Equal("""{"a":["1","2"],"users.0.n":["3"]}""", bag.ToJson());
        Assert.Equal(["users.0.n"], bag.Forget("a").Keys);
    }

    private static async Task<string> FirstAsync(RuleList rules, FieldValue value, ValidatorOptions options)
    {
        var validator = Judge.Of(rules, value, options);
        Assert.False(await validator.PassesAsync(TestContext.Current.CancellationToken));
        return validator.Errors.First();
    }
}
