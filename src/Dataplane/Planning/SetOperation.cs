using System.Collections.Immutable;
using System.Text;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Planning;

/// <summary>
/// One thing that is done to sets. What is there already is no error, and neither is a member that is gone already: operations that were interrupted can
/// be run again.
/// </summary>
public abstract record SetOperation
{
    private SetOperation()
    {
    }

    /// <summary>Makes the set, without members.</summary>
    public sealed record Create(KernelSet Set) : SetOperation;

    /// <summary>In this order. A member that is there with the other value of <see cref="SetMember.NoMatch"/> takes this one.</summary>
    public sealed record Add(string Set, ImmutableArray<SetMember> Members) : SetOperation;

    /// <summary>In this order. <see cref="SetMember.NoMatch"/> says nothing here: a member is named by its key.</summary>
    public sealed record Remove(string Set, ImmutableArray<SetMember> Members) : SetOperation;

    /// <summary>The two names exchange their sets, in one instant and under the rules that name them. Both have one type and family.</summary>
    public sealed record Swap(string Name, string Other) : SetOperation;

    /// <summary>Refused while a rule names the set.</summary>
    public sealed record Destroy(string Name) : SetOperation;

    /// <summary>How many members are added or removed, or 1.</summary>
    public int Size => this switch
    {
        Add add => add.Members.Length,
        Remove remove => remove.Members.Length,
        _ => 1,
    };

    /// <summary>Input of `ipset restore -exist`.</summary>
    public static string RestoreText(IEnumerable<SetOperation> operations)
    {
        var text = new StringBuilder();
        foreach (var operation in operations)
        {
            switch (operation)
            {
                case Create create:
                    text.Append(create.Set.CreateLine).Append('\n');
                    break;
                case Add add:
                    AppendMembers(text, "add", add.Set, add.Members);
                    break;
                case Remove remove:
                    // To delete a member that is a nomatch the word must be absent.
                    AppendMembers(text, "del", remove.Set, remove.Members.Select(m => m with { NoMatch = false }));
                    break;
                case Swap swap:
                    text.Append("swap ").Append(swap.Name).Append(' ').Append(swap.Other).Append('\n');
                    break;
                case Destroy destroy:
                    text.Append("destroy ").Append(destroy.Name).Append('\n');
                    break;
                default:
                    throw new InvalidOperationException($"unknown operation {operation}");
            }
        }

        return text.ToString();
    }

    private static void AppendMembers(StringBuilder text, string verb, string set, IEnumerable<SetMember> members)
    {
        foreach (var member in members)
        {
            text.Append(verb).Append(' ').Append(set).Append(' ').Append(member.ToString()).Append('\n');
        }
    }
}
