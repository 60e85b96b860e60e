using System.Globalization;
using CsCheck;

namespace Vallum.Dataplane.Packets.Tests.Worlds;

/// <summary>All chance of one run, from one number that a failure prints: VALLUM_SEED=number runs the same again.</summary>
internal sealed class Dice
{
    public const string Variable = "VALLUM_SEED";

    private readonly PCG _pcg;
    private readonly Random _random;

    public Dice(uint seed)
    {
        Seed = seed;
        _pcg = PCG.Parse(new PCG(seed, seed).ToString());
        _random = new Random((int)seed);
    }

    public uint Seed { get; }

    public static Dice New() => new(Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text
        ? uint.Parse(text, CultureInfo.InvariantCulture)
        : (uint)Random.Shared.Next());

    public T Of<T>(Gen<T> gen) => gen.Generate(_pcg, null, out _);

    public T Of<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    /// <summary>0 … <paramref name="count"/> - 1.</summary>
    public int Below(int count) => _random.Next(count);

    public bool OneIn(int count) => _random.Next(count) == 0;

    public UInt128 Bits(int count)
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return count == 0 ? 0 : System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(bytes) >> (128 - count);
    }
}
