using Securely.Examples;

(string Name, string Summary, Func<Task<int>> RunAsync)[] examples =
[
    ("gateway", "A password, routing by path, header edits and a count", Gateway.RunAsync),
    ("load-balancer", "Three servers in turn, one of them dead", Balanced.RunAsync),
    ("multiple-balancers", "A balancer for each part of a site, over names that are resolved again and again", MultipleBalancers.RunAsync),
    ("context", "State of one request beside state of all", BetaUsers.RunAsync),
    ("modify-response", "A JSON body rewritten as YAML", JsonToYaml.RunAsync),
    ("backoff-retry", "Trying again, each time after a longer wait", BackoffRetry.RunAsync),
    ("connection-filter", "Addresses that are turned away before a byte is read", DenyList.RunAsync),
    ("virtual-connector", "An upstream that lives in the proxy's own process", VirtualUpstream.RunAsync),
    ("server", "Without a proxy: a byte echo, an HTTP echo, a TCP proxy", Servers.RunAsync),
    ("client", "Without a server: an HTTP client with a pool", Client.RunAsync),
];

var chosen = Array.Find(examples, example => args is [var name] && example.Name == name);
if (chosen.RunAsync is { } run)
    return await run();

Console.Error.WriteLine("Usage: dotnet run --project examples -- NAME\n");
foreach (var (name, summary, _) in examples)
    Console.Error.WriteLine($"  {name,-20}{summary}");
return 2;
