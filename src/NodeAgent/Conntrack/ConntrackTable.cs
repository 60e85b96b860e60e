using Vallum.NodeAgent.Netlink;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Conntrack;

/// <summary>Takes an entry, and its original tuple as the kernel words it; valid during the call.</summary>
internal delegate void EntryReader(in ConntrackEntry entry, ReadOnlySpan<byte> original);

/// <summary>Which entries are asked for: those whose first packet came from the address, or those that the address answers.</summary>
internal readonly record struct ConntrackFilter(Address Address, bool Answers);

/// <summary>The kernel's table of flows, of the network namespace of the thread that opens it. One caller at a time.</summary>
internal sealed class ConntrackTable : IDisposable
{
    private const byte New = 0;
    private const byte Get = 1;
    private const byte Delete = 2;
    private const byte Inet = 2;
    private const byte Inet6 = 10;
    private const int NoEntry = 2;

    private readonly NetlinkSocket _socket;
    private readonly NetlinkRequest _request = new();

    private ConntrackTable(NetlinkSocket socket) => _socket = socket;

    /// <exception cref="NetlinkException">No netfilter here, or this process may not.</exception>
    public static ConntrackTable Open() => new(NetlinkSocket.Open());

    /// <summary>
    /// Reads the entries of a family; with <paramref name="filter"/> the kernel leaves out others, unless it is older than 5.8 and knows no filters: then
    /// all come.
    /// </summary>
    /// <exception cref="NetlinkException">The kernel has no conntrack, or lost the thread.</exception>
    public void Read(IpFamily family, ConntrackFilter? filter, EntryReader each)
    {
        _request.Begin(NetfilterSubsystem.Conntrack, Get, NetlinkFlags.Dump, Number(family));
        if (filter is { } only)
        {
            var tuple = _request.BeginNested(only.Answers ? EntryAttribute.Reply : EntryAttribute.Original);
            ConntrackTuple.WriteAddresses(_request, only.Address, null);
            _request.EndNested(tuple);
            var flags = _request.BeginNested(EntryAttribute.Filter);
            _request.PutNative(FilterAttribute.OriginalFlags, only.Answers ? 0 : FilterAttribute.SourceFlag)
                .PutNative(FilterAttribute.ReplyFlags, only.Answers ? FilterAttribute.SourceFlag : 0).EndNested(flags);
        }

        Check("list", _socket.Ask(_request, message =>
        {
            var entry = ConntrackEntry.Read(message, out var original);
            each(entry, original);
        }));
    }

    /// <summary>Makes the kernel forget exactly this entry.</summary>
    /// <param name="original">The entry's original tuple as the kernel words it.</param>
    /// <returns>False: it was gone already.</returns>
    public bool Forget(in ConntrackEntry entry, ReadOnlySpan<byte> original)
    {
        _request.Begin(NetfilterSubsystem.Conntrack, Delete, NetlinkFlags.Ack, Number(entry.Original.Source.Family))
            .Put(EntryAttribute.Original, original).PutPlain(EntryAttribute.Id, entry.Id);
        if (entry.Zone != 0)
        {
            _request.Put(EntryAttribute.Zone, entry.Zone);
        }

        return IsDone("delete", _socket.Ask(_request));
    }

    /// <summary>Makes the kernel forget whatever flow of the default zone began with this tuple.</summary>
    public bool Forget(in ConntrackTuple original)
    {
        _request.Begin(NetfilterSubsystem.Conntrack, Delete, NetlinkFlags.Ack, Number(original.Source.Family));
        original.Write(_request, EntryAttribute.Original);
        return IsDone("delete", _socket.Ask(_request));
    }

    /// <summary>Takes a hold out, and nothing else that may have its tuple by now.</summary>
    public void Remove(in Hold hold)
    {
        ConntrackEntry found = default;
        byte[] original = [];
        _request.Begin(NetfilterSubsystem.Conntrack, Get, NetlinkFlags.Ack, Number(hold.Tuple.Source.Family));
        hold.Tuple.Write(_request, EntryAttribute.Original);
        var there = IsDone("read", _socket.Ask(_request, message =>
        {
            found = ConntrackEntry.Read(message, out var tuple);
            original = tuple.ToArray();
        }));
        if (there && found.Reply.Zone == Hold.Zone)
        {
            Forget(found, original);
        }
    }

    /// <summary>Puts a hold in; see <see cref="Hold"/>.</summary>
    /// <returns>0, or the errno that the kernel refused it with.</returns>
    public int Insert(Hold hold)
    {
        hold.Write(_request.Begin(
            NetfilterSubsystem.Conntrack, New, NetlinkFlags.Ack | NetlinkFlags.Create | NetlinkFlags.Exclusive, Number(hold.Tuple.Source.Family)));
        return _socket.Ask(_request);
    }

    public void Dispose()
    {
        _request.Dispose();
        _socket.Dispose();
    }

    private static byte Number(IpFamily family) => family == IpFamily.V4 ? Inet : Inet6;

    private static bool IsDone(string what, int error)
    {
        if (error == NoEntry)
        {
            return false;
        }

        Check(what, error);
        return true;
    }

    private static void Check(string what, int error)
    {
        if (error != 0)
        {
            throw new NetlinkException($"conntrack {what}", error);
        }
    }
}
