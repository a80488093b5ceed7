using BenchmarkDotNet.Attributes;
using Securely.Validation;

namespace Securely.Benchmarks;

/// <summary>Judging a form of twenty fields by rules that were read once.</summary>
[MemoryDiagnoser]
public class Validating
{
    private static readonly string[] Tags = ["new", "sale", "blue"];

    private readonly RuleSet _rules = new()
    {
        ["name"] = "required|string|max:255",
        ["email"] = "required|email|max:255",
        ["age"] = "required|integer|between:18,120",
        ["website"] = "nullable|url",
        ["role"] = "required|in:admin,editor,reader",
        ["password"] = "required|string|min:8|confirmed",
        ["terms"] = "accepted",
        ["born"] = "required|date|before:2020-01-01",
        ["zip"] = "required|digits:5",
        ["city"] = "required|alpha_dash|max:80",
        ["country"] = "required|size:2|uppercase",
        ["phone"] = (RuleList)(RuleEntry)"regex:/^\\+[0-9 ]{6,20}$/",
        ["price"] = "required|numeric|min:0|decimal:0,2",
        ["quantity"] = "required|integer|gt:0",
        ["tags"] = "array|max:5",
        ["tags.*"] = "string|distinct|max:20",
        ["address.street"] = "required|string|max:120",
        ["address.number"] = "required_with:address.street|integer",
        ["ip"] = "nullable|ip",
        ["id"] = "required|uuid",
        ["comment"] = "nullable|string|max:2000",
    };

    private readonly FieldValue _valid = Form("ann@example.com", 42);
    private readonly FieldValue _invalid = Form("nobody", 7);

    /// <summary>Everything passes.</summary>
    [Benchmark]
    public ValueTask<bool> Valid() => new Validator(_valid, _rules).PassesAsync();

    /// <summary>Two fields fail, so two messages are written.</summary>
    [Benchmark]
    public ValueTask<bool> Invalid() => new Validator(_invalid, _rules).PassesAsync();

    private static FieldValue Form(string email, int age) => FieldValue.From(new Dictionary<string, object?>
    {
        ["name"] = "Ann Example",
        ["email"] = email,
        ["age"] = age,
        ["website"] = "https://example.com/ann",
        ["role"] = "editor",
        ["password"] = "correct horse",
        ["password_confirmation"] = "correct horse",
        ["terms"] = true,
        ["born"] = "1990-05-17",
        ["zip"] = "12345",
        ["city"] = "Vienna",
        ["country"] = "AT",
        ["phone"] = "+43 1 234567",
        ["price"] = "19.99",
        ["quantity"] = 3,
        ["tags"] = Tags,
        ["address"] = new Dictionary<string, object?> { ["street"] = "Main Street", ["number"] = 12 },
        ["ip"] = "192.0.2.1",
        ["id"] = "550e8400-e29b-41d4-a716-446655440000",
        ["comment"] = "A short remark",
    });
}
