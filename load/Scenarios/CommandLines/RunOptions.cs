using System.CommandLine;
using Vallum.Scenarios.Grounds;
using Vallum.Scenarios.Profiles;

namespace Vallum.Scenarios.CommandLines;

/// <summary>What is run, by which profile, against which control plane: the same words for every driver.</summary>
public sealed class RunOptions
{
    private readonly Option<string> _scenario = new("--scenario")
    {
        Required = true,
        Description = string.Join("; ", ScenarioCatalog.All.Select(one => $"{one.Name}: {one.Summary}")),
    };

    private readonly Option<FileInfo> _profile = new("--profile") { Required = true, Description = "how much and for how long: one of load/profiles, or your own" };

    private readonly TargetOptions _target = new();

    public RunOptions() => _scenario.AcceptOnlyFromAmong([.. ScenarioCatalog.Names]);

    public void AddTo(Command command)
    {
        command.Options.Add(_scenario);
        command.Options.Add(_profile);
        _target.AddTo(command);
    }

    /// <param name="faults">Everything that is wrong; empty where there is a plan.</param>
    public RunPlan? Read(ParseResult arguments, out IReadOnlyList<string> faults)
    {
        var file = arguments.GetRequiredValue(_profile);
        var profile = ReadProfile(file, out var profileFaults);
        var target = _target.Read(arguments, out var targetFaults);
        faults = [.. profileFaults.Select(fault => $"{file}: {fault}"), .. targetFaults];
        return profile is null || target is null ? null : new RunPlan(ScenarioCatalog.Create(arguments.GetRequiredValue(_scenario))!, profile, file, target);
    }

    private static LoadProfile? ReadProfile(FileInfo file, out IReadOnlyList<string> faults)
    {
        if (file.Exists)
        {
            return ProfileReader.Read(File.ReadAllText(file.FullName), out faults);
        }

        faults = ["there is no such file"];
        return null;
    }
}

/// <param name="File">Of the profile.</param>
public sealed record RunPlan(Scenario Scenario, LoadProfile Profile, FileInfo File, Target Target);
