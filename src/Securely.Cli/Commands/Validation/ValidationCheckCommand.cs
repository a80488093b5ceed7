using System.CommandLine;
using Securely.Config;
using Securely.Validation;

namespace Securely.Cli;

/// <summary><c>validation:check</c>: judges a JSON or YAML file by a file of rules.</summary>
internal sealed class ValidationCheckCommand(Output output, CliEnvironment environment) : ICliCommand
{
    public Command Build()
    {
        var data = new Argument<string>("DATA") { Description = "The JSON or YAML file to judge" };
        var rules = new Argument<string>("RULES") { Description = "The JSON or YAML file with the rules" };
        var language = new Option<string>("--language") { HelpName = "LANGUAGE", Description = "The language of the messages: en or de", DefaultValueFactory = _ => "en" };
        language.CompletionSources.Add("en", "de");
        var json = new Option<bool>("--json") { Description = "Write a JSON document instead" };
        var command = new DocumentedCommand("validation:check", "Judge a JSON or YAML file by a file of rules")
        {
            Details =
            [
                "RULES is a map of fields to rules, as in [email: required|email] or [tags: [array, \"max:5\"]]; fields are paths such as users.*.name. "
                + "To change messages or names of fields, give a map with rules, messages and attributes instead.",
                "The exit code is 0 when the data is valid, 1 when it is not, and 3 when a file cannot be read or a rule is wrong.",
            ],
            Examples =
            [
                new("securely validation:check order.json rules.yaml", "Say what is wrong with an order"),
                new("securely validation:check order.yaml rules.yaml --language de", "Say it in German"),
                new("securely validation:check order.json rules.yaml --json", "The same for programs, with a problem document (RFC 9457)"),
            ],
        };
        command.Arguments.Add(data);
        command.Arguments.Add(rules);
        command.Options.Add(language);
        command.Options.Add(json);
        command.SetAction((result, cancellationToken) => RunAsync(
            result.GetValue(data)!, result.GetValue(rules)!, result.GetValue(language)!, result.GetValue(json), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(string dataFile, string rulesFile, string language, bool json, CancellationToken cancellationToken)
    {
        var catalog = MessageCatalog.Of(language) ?? throw new CliException($"Language [{language}] is not known; choose one of en, de", ExitCode.Usage);
        var diagnostics = new ConfigDiagnostics();
        var rules = RulesFile.Read(environment.Resolve(rulesFile), diagnostics);
        var data = DataFile.Read(environment.Resolve(dataFile), diagnostics);
        if (rules is null || data is null || diagnostics.HasErrors)
            throw new ConfigException(diagnostics);
        var options = new ValidatorOptions { Catalog = catalog, Messages = rules.Messages, Attributes = rules.Attributes, Time = environment.Time };
        var validator = new Validator(data.Value, rules.Rules, options);
        var passes = await validator.PassesAsync(cancellationToken);
        if (json)
            WriteJson(dataFile, validator, passes);
        else
            Write(dataFile, rules, validator, passes);
        return passes ? ExitCode.Ok : ExitCode.Failed;
    }

    private void Write(string file, RulesFile rules, Validator validator, bool passes)
    {
        if (passes)
        {
            var count = rules.Rules.Count();
            output.WriteLine($"{file}: {output.Paint.Name("ok")} ({count} {(count == 1 ? "field" : "fields")} with rules)");
            return;
        }

        foreach (var field in validator.Errors.Keys)
        {
            foreach (var message in validator.Errors.Get(field))
                output.WriteLine($"{output.Paint.Name(field)}: {message}");
        }
    }

    private void WriteJson(string file, Validator validator, bool passes) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteString("file", file);
        json.WriteBoolean("valid", passes);
        if (passes)
        {
            json.WritePropertyName("validated");
            validator.Validated().Value.WriteTo(json);
        }
        else
        {
            json.WritePropertyName("problem");
            validator.ToProblem().WriteTo(json);
        }

        json.WriteEndObject();
    });
}
