using Vallum.Policies.Evaluation;

namespace Vallum.Dataplane.Packets.Tests.Traffic;

/// <summary>A flow that is sent again and again, and what is to become of it.</summary>
/// <param name="Link">Where it comes from: the router's interface, which for a forged source is not the one that leads to it.</param>
internal sealed record Sending(Flow Flow, string Link, bool Allowed);
