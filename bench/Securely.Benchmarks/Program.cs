using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using Securely.Benchmarks;

// Reports go where every build product goes, whatever the working directory is.
var reports = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../benchmarks"));
var config = DefaultConfig.Instance.WithArtifactsPath(reports).WithBuildTimeout(TimeSpan.FromMinutes(15));

// The libraries settle in one process as well as in many; a program for each benchmark takes minutes to build, and is made when asked for.
string[] arguments = args.Contains("--isolated") ? [.. args.Where(argument => argument != "--isolated")] : [.. args, "--inProcess"];
BenchmarkSwitcher.FromAssembly(typeof(Answering).Assembly).Run(arguments, config);
