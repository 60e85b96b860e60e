using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Vallum.Benchmarks;

// In this process: a project of BenchmarkDotNet's own would be built below this repository's rules, with all of its warnings as errors.
var job = (args.Contains("--long") ? Job.Default : Job.ShortRun).WithToolchain(InProcessEmitToolchain.Instance);
var config = DefaultConfig.Instance.AddJob(job).AddDiagnoser(MemoryDiagnoser.Default).AddExporter(MarkdownExporter.GitHub);
string[] rest = [.. args.Where(argument => argument != "--long")];
BenchmarkSwitcher.FromAssembly(typeof(SelectorIndexBenchmarks).Assembly).Run(rest.Contains("--filter") ? rest : [.. rest, "--filter", "*"], config);
