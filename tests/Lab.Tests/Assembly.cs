using Xunit.Sdk;
using Xunit.v3;

// Probes measure time: labs beside each other would make each other's answers late.
[assembly: Parallelization(Mode = ParallelMode.None)]
