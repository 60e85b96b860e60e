using Shouldly;

namespace Vallum.Distribution.Tests.Worlds;

internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Waits until the condition holds; fails with what <paramref name="otherwise"/> says. In between, <paramref name="meanwhile"/> is done.</summary>
    public static async Task BecomesTrue(Func<bool> condition, Func<string> otherwise, Func<Task>? meanwhile = null)
    {
        var until = DateTime.UtcNow + Patience;
        while (!condition())
        {
            if (DateTime.UtcNow > until)
            {
                throw new ShouldAssertException(otherwise());
            }

            await (meanwhile?.Invoke() ?? Task.CompletedTask);
            await Task.Delay(2);
        }
    }
}
