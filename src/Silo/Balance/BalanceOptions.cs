using System.ComponentModel.DataAnnotations;

namespace Vallum.Silo.Balance;

/// <summary>How silos share the work. Bound from "Vallum:Balance".</summary>
internal sealed class BalanceOptions
{
    public const string Section = "Vallum:Balance";

    /// <summary>Between two looks at what each silo has; 0 turns sharing off; to 10 min, default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan Period { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A silo that has more than the even share by this part of it gives away; 0 to 1, default 0.05.</summary>
    [Range(0.0, 1.0)]
    public double Tolerance { get; set; } = 0.05;

    /// <summary>The part of its tenants, and of its agents, that it gives away in a period at most; 0.01 to 1, default 0.1.</summary>
    [Range(0.01, 1.0)]
    public double Step { get; set; } = 0.1;
}
