namespace Vallum.Load.Outages;

/// <summary>One outage, measured.</summary>
/// <param name="WriteGap">The longest time in which one tenant acknowledged nothing, of tenants that are written to at <see cref="PulseWriter.Pace"/>.</param>
/// <param name="InSync">From the outage (rolling: from the end of the last restart) until every agent is connected and has a change that was asked for after it.</param>
/// <param name="Lag">The longest time that an acknowledged change took to an agent.</param>
/// <param name="Resent">Resources that came whole though the agent held just that.</param>
internal sealed record OutageFigures(TimeSpan WriteGap, TimeSpan InSync, TimeSpan Lag, int Resent);
