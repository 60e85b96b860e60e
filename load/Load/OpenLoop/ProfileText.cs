using System.Globalization;
using Vallum.Scenarios.Profiles;

namespace Vallum.Load.OpenLoop;

/// <summary>A profile in a line.</summary>
internal static class ProfileText
{
    public static string Of(LoadProfile profile)
    {
        var stages = string.Join(", ", profile.Stages.Select(stage => string.Create(
            CultureInfo.InvariantCulture, $"{(stage.Ramp ? "to " : "")}{stage.Rate:0.##}/s for {stage.Duration.TotalSeconds:0.##} s")));
        var sizes = profile.Sizes;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"profile {profile.Name} (seed {profile.Seed}): {stages} after {profile.WarmUp.TotalSeconds:0.##} s of warm-up, at most {profile.MostOpen:n0} open; {sizes.Tenants:n0} tenants × {sizes.EndpointsPerTenant:n0} endpoints, {sizes.PoliciesPerTenant:n0} policies; {sizes.Nodes:n0} nodes, {sizes.Agents:n0} agents");
    }
}
