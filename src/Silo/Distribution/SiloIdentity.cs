namespace Vallum.Silo.Distribution;

/// <summary>This silo's name towards owners: another one after each start.</summary>
internal sealed record SiloIdentity(string Name);
