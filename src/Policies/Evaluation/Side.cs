using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Policies.Evaluation;

/// <summary>One direction of a flow at the managed endpoint whose direction it is: egress at the source, ingress at the destination.</summary>
/// <param name="Other">The address of the other side.</param>
internal sealed record Side(Direction Direction, Endpoint Endpoint, Address Other, Flow Flow);
