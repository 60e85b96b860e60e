using System.Collections.Immutable;
using System.Net;
using System.Threading.Channels;
using Vallum.Silo.Grains.Objects;

namespace Vallum.Cluster.Tests;

public sealed class ClusterUnrestTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_parked_ends_when_a_silo_goes()
    {
        await using var cluster = await UnrestUnderTest.StartAsync(Silo(1), Silo(2));
        var parked = cluster.Unrest.Next;

        cluster.Becomes(Silo(1));

        await EndAsync(parked);
    }

    [Fact]
    public async Task What_is_parked_again_in_the_moments_after_it_ends_too()
    {
        await using var cluster = await UnrestUnderTest.StartAsync(Silo(1), Silo(2));
        var parked = cluster.Unrest.Next;
        cluster.Becomes(Silo(1));
        await EndAsync(parked);

        await EndAsync(cluster.Unrest.Next);
    }

    [Fact]
    public async Task A_silo_that_is_about_to_go_counts_as_gone()
    {
        await using var cluster = await UnrestUnderTest.StartAsync(Silo(1), Silo(2));
        var parked = cluster.Unrest.Next;

        cluster.Becomes(Silo(1), Silo(2) with { Status = SiloStatus.ShuttingDown });

        await EndAsync(parked);
    }

    [Fact]
    public async Task A_silo_that_comes_ends_nothing()
    {
        await using var cluster = await UnrestUnderTest.StartAsync(Silo(1));
        var parked = cluster.Unrest.Next;

        cluster.Becomes(Silo(1), Silo(2));
        await cluster.SeenAsync();

        parked.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task The_silo_s_own_end_holds_up_nothing_and_ends_the_watch()
    {
        var cluster = await UnrestUnderTest.StartAsync(Silo(1), Silo(2));
        cluster.Becomes(Silo(1));

        await cluster.DisposeAsync().AsTask().WaitAsync(Soon, Cancelled);
    }

    private static Member Silo(int number) => new(SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 7000 + number), 1), SiloStatus.Active);

    private static async Task EndAsync(CancellationToken parked)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var _ = parked.Register(ended.SetResult);
        await ended.Task.WaitAsync(Soon, Cancelled);
    }

    private sealed record Member(SiloAddress Address, SiloStatus Status);

    /// <summary>The watch over a list of members that the test writes.</summary>
    private sealed class UnrestUnderTest : IClusterMembershipService, IAsyncDisposable
    {
        private readonly Channel<ClusterMembershipSnapshot> _updates = Channel.CreateUnbounded<ClusterMembershipSnapshot>();
        private readonly SemaphoreSlim _asked = new(0);
        private long _version;

        private UnrestUnderTest() => Unrest = new ClusterUnrest(this, TimeProvider.System);

        public ClusterUnrest Unrest { get; }

        public ClusterMembershipSnapshot CurrentSnapshot { get; private set; } = new(ImmutableDictionary<SiloAddress, ClusterMember>.Empty, new MembershipVersion(0));

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => ReadAsync();

        public static async Task<UnrestUnderTest> StartAsync(params Member[] members)
        {
            var cluster = new UnrestUnderTest();
            cluster.Becomes(members);
            await cluster.Unrest.StartAsync(Cancelled);
            await cluster.SeenAsync();
            return cluster;
        }

        public void Becomes(params Member[] members)
        {
            CurrentSnapshot = new(
                members.ToImmutableDictionary(member => member.Address, member => new ClusterMember(member.Address, member.Status, "")), new MembershipVersion(++_version));
            _updates.Writer.TryWrite(CurrentSnapshot);
        }

        /// <summary>The last list has been taken in: the next one is asked for.</summary>
        public async Task SeenAsync() => (await _asked.WaitAsync(Soon, Cancelled)).ShouldBeTrue();

        public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => default;

        public Task<bool> TryKill(SiloAddress siloAddress) => Task.FromResult(false);

        public async ValueTask DisposeAsync()
        {
            await Unrest.StopAsync(CancellationToken.None);
            Unrest.Dispose();
            _asked.Dispose();
        }

        private async IAsyncEnumerable<ClusterMembershipSnapshot> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            while (true)
            {
                yield return await _updates.Reader.ReadAsync(cancellationToken);
                _asked.Release();
            }
        }
    }
}
