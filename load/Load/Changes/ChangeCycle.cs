using System.Collections.Immutable;
using Vallum.Contracts.Api.V1;
using Vallum.Load.Worlds;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Load.Changes;

/// <summary>One single change of one object.</summary>
/// <param name="Request">What is asked of the API in a round; rounds count from 0.</param>
internal sealed record Change(string Name, Func<int, ApplyRequest> Request);

/// <summary>Changes that follow each other round by round, so that there is never more than in the first round.</summary>
internal sealed record ChangeCycle(string Name, ImmutableArray<Change> Changes)
{
    public static readonly ImmutableArray<ChangeCycle> All =
    [
        new("policy edited", [new("policy edited (port of a rule)", round => Put(World.Probe("probe", 8081 + (round % 1000))))]),
        new("policy added or removed",
        [
            new("policy added", _ => Put(World.Probe("extra", 9000))),
            new("policy removed", _ => Delete(World.PolicyName("extra"))),
        ]),
        new("endpoint relabelled", [new("endpoint relabelled (member elsewhere)", round => Put(World.Caller(1, round % 2 == 0 ? "other" : "client")))]),
        new("endpoint added or removed",
        [
            new("endpoint added (member elsewhere)", round => Put(World.Caller(1000 + (round % 100), "client"))),
            new("endpoint removed (member elsewhere)", round => Delete(World.CallerName(1000 + (round % 100)))),
        ]),
    ];

    private static ApplyRequest Put(ApiObject one) => new() { Objects = { one }, RequestId = Guid.NewGuid().ToString() };

    private static ApplyRequest Delete(string name) => new() { Deletes = { name }, RequestId = Guid.NewGuid().ToString() };
}
