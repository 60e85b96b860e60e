namespace Vallum.Primitives;

public enum IpFamily : byte
{
    V4 = 4,
    V6 = 6,
}

public static class IpFamilies
{
    extension(IpFamily family)
    {
        /// <summary>Bits in an address: 32 or 128.</summary>
        public int Width => family == IpFamily.V4 ? 32 : 128;
    }
}
