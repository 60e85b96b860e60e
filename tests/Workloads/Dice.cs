namespace Vallum.Workloads;

/// <summary>
/// Chance that is the same on every machine and in every version of .NET: SplitMix64 (Steele, Lea, Flood, 2014). Dice of one seed that are for different
/// things do not know of each other, so any object of a world can be made without those before it.
/// </summary>
internal struct Dice(ulong seed)
{
    private const ulong Step = 0x9E37_79B9_7F4A_7C15;

    private ulong _state = seed;

    /// <summary>The dice of one thing in the world of <paramref name="seed"/>.</summary>
    public static Dice For(ulong seed, ulong what, ulong number) => new(Mixed(Mixed(seed + (what * Step)) + (number * Step)));

    /// <summary>0 … <paramref name="sides"/> - 1, each as often as the others.</summary>
    public int Next(int sides) => (int)Math.BigMul(Next(), (ulong)sides, out _);

    private ulong Next() => Mixed(_state += Step);

    private static ulong Mixed(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
