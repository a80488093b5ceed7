using Securely.Load;

return args switch
{
    ["serve", .. var rest] => await ServingProcess.RunAsync(Options.Parse(rest, "listen", "upstream", "threads", "full", "cert", "key")),
    ["load", .. var rest] => LoadProcess.Run(Options.Parse(rest, "to", "path", "connections", "warmup")),
    ["hold", .. var rest] => HoldProcess.Run(Options.Parse(rest, "to", "path", "connections")),
    ["slow", .. var rest] => SlowProcess.Run(Options.Parse(rest, "to", "tls", "kinds", "clients", "path", "sink", "large")),
    ["attack", .. var rest] => await AttackProcess.RunAsync(Options.Parse(rest, "to", "path", "streams", "pause", "kinds")),
    ["sink", .. var rest] => await SinkProcess.RunAsync(Options.Parse(rest, "listen")),
    ["spread", .. var rest] => await Spread.RunAsync(Options.Parse(rest, "threads", "connections")),
    ["names", .. var rest] => await NamesProcess.RunAsync(Options.Parse(rest, "apex", "zone", "listen")),
    ["judge", .. var rest] => await JudgeProcess.RunAsync(Options.Parse(rest, "form", "seconds")),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        Usage: Securely.Load MODE [--OPTION VALUE ...]

          serve   --upstream IP:PORT [--listen 127.0.0.1:0] [--threads 1] [--full true] [--cert FILE --key FILE]
                  a configured proxy; writes its address, then obeys standard input:
                  measure (write what was allocated so far), collect (collect garbage, then measure), end of input (end)
          load    --to IP:PORT [--path /] [--connections 64] [--warmup 20000]
                  warms its connections up, writes `warm`, then obeys standard input:
                  go N (N requests), flood (requests until nobody listens any more)
          hold    --to IP:PORT [--path /] [--connections 9000]
                  opens connections, makes a request on each, writes `held N`, then obeys standard input:
                  again (one more request on each)
          slow    --to IP:PORT [--tls IP:PORT] [--kinds header,body,reader,idle,handshake] [--clients 2000] [--path /] [--sink /sink] [--large /large]
                  opens so many connections of each kind, which take their time and come back when they are cut off; writes `slow N`, then
                  obeys standard input: report (how many have gone of each kind, after how many ms at least and at most), leave (the same, and
                  nobody comes back any more)
          attack  --to IP:PORT [--path /large] [--streams 1000] [--pause 1000] [--kinds hold,stall,bomb]
                  HTTP/2 that means harm: streams whose responses have no window, and header blocks that stand for megabytes; writes `attack`,
                  then obeys standard input: report (how many of each there have been)
          sink    [--listen 127.0.0.1:0]
                  an upstream that reads and never answers; writes its address
          spread  [--threads 4] [--connections 1000]
                  opens connections at once to a server of its own and writes each worker's share
          names   --apex NAME --zone FILE [--listen 127.0.0.1:0]
                  a name server; writes its address, then obeys standard input:
                  any line (write what was allocated so far), end of input (end)
          judge   --form FILE [--seconds 2]
                  judges a form (`rules` and `data`) for so many seconds of CPU time, twice, and writes the microseconds of one judgement
        """);
    return 2;
}
