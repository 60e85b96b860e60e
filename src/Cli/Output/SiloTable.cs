using Vallum.Contracts.Api.V1;

namespace Vallum.Cli.Output;

/// <summary>Silos, what each has to do, and how far it and its agents have come.</summary>
internal static class SiloTable
{
    public static void Write(IEnumerable<SiloStatus> silos, TextWriter output)
    {
        var table = new TextTable("SILO", "ADDRESS", "STATE", "UP", "TENANTS", "AGENTS", "BEHIND", "LAG", "REVISION", "VERSION");
        foreach (var silo in silos)
        {
            if (silo.Reached)
            {
                table.Add(
                    silo.Name, silo.Address, silo.State, Figures.Ago(silo.StartTime), $"{silo.Tenants}", $"{silo.Agents}", $"{silo.AgentsBehind}", Lag(silo),
                    $"{silo.Revision}", silo.Version);
            }
            else
            {
                table.Add("-", silo.Address, "NO ANSWER", "-", "-", "-", "-", "-", "-", "-");
            }
        }

        table.Write(output);
    }

    private static string Lag(SiloStatus silo) =>
        silo.AgentsBehind == 0 ? "-" : Durations.Write(TimeSpan.FromMilliseconds(Math.Round(silo.Lag.ToTimeSpan().TotalMilliseconds)));
}
