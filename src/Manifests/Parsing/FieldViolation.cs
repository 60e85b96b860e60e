namespace Vallum.Manifests.Parsing;

/// <summary>One thing that is wrong with an object.</summary>
/// <param name="Field">Path inside the object, in the API's JSON names: "spec.ingress[0].peers[1].ipBlock.cidr".</param>
/// <param name="Reason">UPPER_SNAKE, stable, for programs: INVALID_CIDR, UNKNOWN_FIELD, EXCEPT_OUTSIDE_CIDR …</param>
/// <param name="Description">What is wrong and what would be right.</param>
public sealed record FieldViolation(string Field, string Reason, string Description);
