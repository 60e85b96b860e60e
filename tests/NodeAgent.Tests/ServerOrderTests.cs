using Vallum.NodeAgent.Connection;

namespace Vallum.NodeAgent.Tests;

public sealed class ServerOrderTests
{
    private static readonly Uri Elsewhere = new("http://elsewhere:7400");

    private readonly ServerOrder _order = new("node-1", [new Uri("http://a:7400"), new Uri("http://b:7400")]);

    [Fact]
    public void An_agent_goes_where_it_is_sent_and_to_its_own_servers_when_that_fails()
    {
        var first = _order.Current;
        _order.Leave(Elsewhere);
        _order.Current.ShouldBe(Elsewhere);

        _order.Advance();

        _order.Current.ShouldBe(first);
    }

    [Fact]
    public void An_agent_that_is_sent_away_without_a_word_tries_the_next()
    {
        var first = _order.Current;
        _order.Leave(null);
        var second = _order.Current;
        second.ShouldNotBe(first);

        _order.Leave(Elsewhere);
        _order.Leave(null);

        _order.Current.ShouldBe(second);
    }
}
