using Xunit.Sdk;
using Xunit.v3;

// Clusters beside each other would make each other's answers late.
[assembly: Parallelization(Mode = ParallelMode.None)]
