namespace Vallum.Lab.Tests;

/// <summary>A test that makes labs; where none can be made it is skipped with the reason.</summary>
public abstract class LabTest
{
    protected LabTest() => Assert.SkipUnless(LabNeeds.Missing is null, LabNeeds.Missing ?? "");

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
