using Vallum.Testing.Cases;
using Case = Vallum.Testing.Cases.Case;

namespace Vallum.EndToEnd.Tests.Cases;

/// <summary>The cases of a file as rows of a theory; one skipped row with the reason where the file is absent.</summary>
internal static class CaseRows
{
    public static IEnumerable<TheoryDataRow<int, string>> Of(string name, Func<Case, bool> chosen) =>
        CaseFile.TryRead(name, out var file, out var reason)
            ? file.Cases.Where(chosen).Select(each => new TheoryDataRow<int, string>(each.Id, each.Description))
            : [new TheoryDataRow<int, string>(0, "") { Skip = reason }];
}
