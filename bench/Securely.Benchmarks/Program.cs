using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;

// Reports go where every build product goes, whatever the working directory is.
var reports = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../benchmarks"));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, DefaultConfig.Instance.WithArtifactsPath(reports));
