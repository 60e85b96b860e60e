using Shouldly;

namespace Vallum.Distribution.Tests.Worlds;

internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Waits until the condition holds; fails with what <paramref name="otherwise"/> says.</summary>
    public static async Task BecomesTrue(Func<bool> condition, Func<string> otherwise)
    {
        var until = DateTime.UtcNow + Patience;
        while (!condition())
        {
            if (DateTime.UtcNow > until)
            {
                throw new ShouldAssertException(otherwise());
            }

            await Task.Delay(2);
        }
    }
}
