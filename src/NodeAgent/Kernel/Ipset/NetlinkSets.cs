using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.NodeAgent.Netlink;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Kernel.Ipset;

/// <summary>
/// The sets by netlink, without a process: one member takes some 10 µs, 100,000 take a tenth of a second. An answer is the kernel's own, so what was
/// done need not be read back. A call holds its thread until the kernel has answered.
/// </summary>
internal sealed class NetlinkSets : IKernelSets, IDisposable
{
    // Members of one message: beyond a few hundred a message costs no less per member, and 65,535 bytes are the end of an attribute.
    private const int MembersPerMessage = 400;

    private const int NoSuchSet = 2;
    private const int DropAttempts = 6;

    private static readonly TimeSpan BetweenDrops = TimeSpan.FromMilliseconds(20);

    private readonly Lock _oneAtATime = new();
    private readonly NetlinkRequest _request = new();
    private readonly NetlinkSocket _socket;

    private NetlinkSets(NetlinkSocket socket) => _socket = socket;

    /// <summary>Of each type that this kernel has: the revision that sets are made with.</summary>
    public ImmutableDictionary<SetType, byte> Revisions { get; private set; } = ImmutableDictionary<SetType, byte>.Empty;

    /// <summary>In the network namespace of the calling thread.</summary>
    /// <exception cref="KernelFailedException">The kernel has no ipset, another one than we know, or does not let us.</exception>
    public static NetlinkSets Open()
    {
        var sets = new NetlinkSets(NetlinkSocket.Open());
        try
        {
            sets.Greet();
            sets.Revisions = IpsetType.All.Select(t => (t.Type, Revision: sets.RevisionOf(t))).Where(t => t.Revision is not null)
                .ToImmutableDictionary(t => t.Type, t => t.Revision!.Value);
            return sets;
        }
        catch
        {
            sets.Dispose();
            throw;
        }
    }

    public Task<ImmutableSortedDictionary<string, KernelSet>> ReadAsync(CancellationToken cancellationToken)
    {
        var sets = ImmutableSortedDictionary.CreateBuilder<string, KernelSet>(StringComparer.Ordinal);
        lock (_oneAtATime)
        {
            foreach (var header in Headers())
            {
                var members = new List<SetMember>(header.Members ?? 0);
                if (List(header.Name, members.Add))
                {
                    sets[header.Name] = new KernelSet(header.Name, header.Type, header.Family, MemberSet.Of(members)) { MaxMembers = header.MaxMembers };
                }
            }
        }

        return Task.FromResult(sets.ToImmutable());
    }

    public Task<ImmutableSortedDictionary<string, int>> CountMembersAsync(CancellationToken cancellationToken)
    {
        lock (_oneAtATime)
        {
            return Task.FromResult(Headers().ToImmutableSortedDictionary(h => h.Name, Count, StringComparer.Ordinal));
        }
    }

    public Task<bool> HoldAsync(ImmutableSortedDictionary<string, KernelSet> wanted, CancellationToken cancellationToken)
    {
        lock (_oneAtATime)
        {
            var headers = Headers();
            return Task.FromResult(headers.Count == wanted.Count && headers.All(h => wanted.TryGetValue(h.Name, out var set) && Holds(h, set)));
        }
    }

    public Task ChangeAsync(ImmutableArray<SetOperation> operations, CancellationToken cancellationToken)
    {
        lock (_oneAtATime)
        {
            foreach (var operation in operations)
            {
                Change(operation);
            }
        }

        return Task.CompletedTask;
    }

    public async Task DropAsync(ImmutableArray<string> names, CancellationToken cancellationToken)
    {
        var left = names;
        for (var attempt = 1; ; attempt++)
        {
            left = Drop(left);
            if (left.IsEmpty || attempt == DropAttempts)
            {
                return;
            }

            await Task.Delay(BetweenDrops, cancellationToken);
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _request.Dispose();
    }

    private void Greet()
    {
        byte lowest = 0;
        byte highest = 0;
        var error = _socket.Ask(Begin(IpsetCommand.Protocol), message =>
        {
            foreach (var attribute in message.Attributes)
            {
                lowest = attribute.Type == IpsetAttribute.LowestProtocol ? attribute.U8 : lowest;
                highest = attribute.Type == IpsetAttribute.Protocol ? attribute.U8 : highest;
            }
        });
        if (error != 0)
        {
            throw new NetlinkException("the kernel's ipset does not answer", error);
        }

        // Before version 7 the kernel names only the one that it speaks.
        if (highest < IpsetProtocol.Version || lowest > IpsetProtocol.Version)
        {
            throw new NetlinkException($"the kernel's ipset speaks versions {lowest} to {highest}, not {IpsetProtocol.Version}", IpsetError.Protocol);
        }
    }

    /// <summary>Null when the kernel lacks the type, or has it without what we need of it.</summary>
    private byte? RevisionOf(IpsetType type)
    {
        byte lowest = 0;
        byte highest = 0;
        var error = _socket.Ask(
            Begin(IpsetCommand.Type).Put(IpsetAttribute.TypeName, type.Name).Put(IpsetAttribute.Family, IpsetProtocol.FamilyV4),
            message =>
            {
                foreach (var attribute in message.Attributes)
                {
                    lowest = attribute.Type == IpsetAttribute.LowestRevision ? attribute.U8 : lowest;
                    highest = attribute.Type == IpsetAttribute.Revision ? attribute.U8 : highest;
                }
            });
        var revision = Math.Min(highest, type.Known);
        return error == 0 && revision >= Math.Max(lowest, type.NoMatchSince) ? revision : null;
    }

    private void Change(SetOperation operation)
    {
        switch (operation)
        {
            case SetOperation.Create { Set: var set }:
                Do(operation, Create(set));
                break;
            case SetOperation.Add add:
                ChangeMembers(add, IpsetCommand.Add, add.Set, add.Members);
                break;
            case SetOperation.Remove remove:
                ChangeMembers(remove, IpsetCommand.Delete, remove.Set, remove.Members);
                break;
            case SetOperation.Swap swap:
                Do(operation, Begin(IpsetCommand.Swap).Put(IpsetAttribute.SetName, swap.Name).Put(IpsetAttribute.OtherSetName, swap.Other));
                break;
            case SetOperation.Destroy destroy:
                Do(operation, Destroy(destroy.Name));
                break;
            default:
                throw new InvalidOperationException($"unknown operation {operation}");
        }
    }

    private NetlinkRequest Create(KernelSet set)
    {
        Begin(IpsetCommand.Create)
            .Put(IpsetAttribute.SetName, set.Name)
            .Put(IpsetAttribute.TypeName, KernelSet.TypeName(set.Type))
            .Put(IpsetAttribute.Revision, Revisions.GetValueOrDefault(set.Type))
            .Put(IpsetAttribute.Family, set.Family == IpFamily.V4 ? IpsetProtocol.FamilyV4 : IpsetProtocol.FamilyV6);
        var data = _request.BeginNested(IpsetAttribute.Data);
        return _request.Put(IpsetData.HashSize, (uint)set.Buckets).Put(IpsetData.MaxElements, (uint)set.MaxMembers).EndNested(data);
    }

    private NetlinkRequest Destroy(string name) => Begin(IpsetCommand.Destroy).Put(IpsetAttribute.SetName, name);

    private void ChangeMembers(SetOperation operation, IpsetCommand command, string set, ImmutableArray<SetMember> members)
    {
        if (members.Length == 1)
        {
            IpsetMember.Write(Begin(command).Put(IpsetAttribute.SetName, set), members[0], command == IpsetCommand.Add, 0);
            Do(operation, _request, members[0]);
            return;
        }

        for (var from = 0; from < members.Length; from += MembersPerMessage)
        {
            var part = members.AsSpan(from, Math.Min(MembersPerMessage, members.Length - from));
            Begin(command).Put(IpsetAttribute.SetName, set).PutNative(IpsetAttribute.Line, 0);
            var nested = _request.BeginNested(IpsetAttribute.Members);
            for (var i = 0; i < part.Length; i++)
            {
                IpsetMember.Write(_request, part[i], command == IpsetCommand.Add, (uint)i + 1);
            }

            uint line = 0;
            var error = _socket.Ask(_request.EndNested(nested), refused: request => line = Line(request));
            if (error != 0)
            {
                throw new SetRefusedException(operation, line > 0 && line <= part.Length ? part[(int)line - 1] : null, error);
            }
        }
    }

    /// <summary>The kernel writes into the request that it gives back which member it stopped at; 0 where it is not about a member.</summary>
    private static uint Line(NetlinkMessage request)
    {
        foreach (var attribute in request.Attributes)
        {
            if (attribute.Type == IpsetAttribute.Line)
            {
                return attribute.NativeU32;
            }
        }

        return 0;
    }

    private void Do(SetOperation operation, NetlinkRequest request, SetMember? member = null)
    {
        if (_socket.Ask(request) is not 0 and var error)
        {
            throw new SetRefusedException(operation, member, error);
        }
    }

    /// <returns>Those that are still in use.</returns>
    private ImmutableArray<string> Drop(ImmutableArray<string> names)
    {
        var busy = ImmutableArray.CreateBuilder<string>();
        lock (_oneAtATime)
        {
            foreach (var name in names)
            {
                switch (_socket.Ask(Destroy(name)))
                {
                    case 0 or NoSuchSet:
                        break;
                    case IpsetError.Busy or IpsetError.Referenced:
                        busy.Add(name);
                        break;
                    case var error:
                        throw new SetRefusedException(new SetOperation.Destroy(name), null, error);
                }
            }
        }

        return busy.ToImmutable();
    }

    private List<IpsetHeader> Headers()
    {
        var headers = new List<IpsetHeader>();
        var error = _socket.Ask(BeginList().Put(IpsetAttribute.Flags, IpsetProtocol.HeadersOnly), message =>
        {
            if (IpsetHeader.Of(message) is { } header && KernelNames.IsOurSet(header.Name))
            {
                headers.Add(header);
            }
        });
        return error == 0 ? headers : throw new NetlinkException("list of sets", error);
    }

    private int Count(IpsetHeader header)
    {
        if (header.Members is { } said)
        {
            return said;
        }

        var count = 0;
        List(header.Name, _ => count++);
        return count;
    }

    /// <summary>The members are added up as they come: neither side is copied, sorted or looked up.</summary>
    private bool Holds(IpsetHeader there, KernelSet wanted)
    {
        if (there.Type != wanted.Type || there.Family != wanted.Family || there.MaxMembers != wanted.MaxMembers ||
            (there.Members ?? wanted.Members.Count) != wanted.Members.Count)
        {
            return false;
        }

        var count = 0;
        var sum = Digest.Empty;
        return List(there.Name, member =>
            {
                count++;
                sum += MemberDigest.Of(member);
            }) && count == wanted.Members.Count && sum == MemberDigest.Of(wanted.Members);
    }

    /// <summary>False when there is no such set any more.</summary>
    private bool List(string set, Action<SetMember> each)
    {
        var error = _socket.Ask(BeginList().Put(IpsetAttribute.SetName, set), message =>
        {
            foreach (var attribute in message.Attributes)
            {
                if (attribute.Type != IpsetAttribute.Members)
                {
                    continue;
                }

                foreach (var member in attribute.Nested)
                {
                    if (IpsetMember.TryRead(member.Nested, out var read))
                    {
                        each(read);
                    }
                }
            }
        });
        return error is 0 or NoSuchSet ? error == 0 : throw new NetlinkException($"list of set {set}", error);
    }

    // Without NLM_F_EXCL: what is there already, or gone already, is no error.
    private NetlinkRequest Begin(IpsetCommand command) => Begin(command, NetlinkFlags.Ack);

    private NetlinkRequest BeginList() => Begin(IpsetCommand.List, NetlinkFlags.Ack | NetlinkFlags.Dump);

    private NetlinkRequest Begin(IpsetCommand command, NetlinkFlags flags) =>
        _request.Begin(NetfilterSubsystem.Ipset, (byte)command, flags).Put(IpsetAttribute.Protocol, IpsetProtocol.Version);
}
