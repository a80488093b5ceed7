using Securely.Load;

return args switch
{
    ["serve", .. var rest] => await ServingProcess.RunAsync(Options.Parse(rest, "listen", "upstream", "threads", "full")),
    ["load", .. var rest] => LoadProcess.Run(Options.Parse(rest, "to", "path", "connections", "warmup")),
    ["hold", .. var rest] => HoldProcess.Run(Options.Parse(rest, "to", "path", "connections")),
    ["spread", .. var rest] => await Spread.RunAsync(Options.Parse(rest, "threads", "connections")),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        Usage: Securely.Load MODE [--OPTION VALUE ...]

          serve   --upstream IP:PORT [--listen 127.0.0.1:0] [--threads 1] [--full true]
                  a configured proxy; writes its address, then obeys standard input:
                  measure (write what was allocated so far), collect (collect garbage, then measure), end of input (end)
          load    --to IP:PORT [--path /] [--connections 64] [--warmup 20000]
                  warms its connections up, writes `warm`, then obeys standard input:
                  go N (N requests), flood (requests until nobody listens any more)
          hold    --to IP:PORT [--path /] [--connections 9000]
                  opens connections, makes a request on each, writes `held N`, then obeys standard input:
                  again (one more request on each)
          spread  [--threads 4] [--connections 1000]
                  opens connections at once to a server of its own and writes each worker's share
        """);
    return 2;
}
