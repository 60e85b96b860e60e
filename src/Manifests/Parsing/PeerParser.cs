using Vallum.Policies.Model;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Parsing;

internal static class PeerParser
{
    /// <summary>Null only with a violation.</summary>
    public static Peer? Parse(Api.Peer message, FieldPath path, ViolationList violations)
    {
        switch (message.PeerCase)
        {
            case Api.Peer.PeerOneofCase.Any:
                return Peer.Any.Instance;
            case Api.Peer.PeerOneofCase.Endpoints:
                return new Peer.Endpoints(SelectorParser.Endpoints(message.Endpoints, SelectorParser.Use.Peer, path.Field("endpoints"), violations));
            case Api.Peer.PeerOneofCase.IpBlock:
                return Block(message.IpBlock, path.Field("ipBlock"), violations);
            case Api.Peer.PeerOneofCase.NetworkSet:
                return NameSyntax.IsReference(message.NetworkSet, ObjectType.NetworkSet, path.Field("networkSet"), violations)
                    ? new Peer.Set(new NetworkSetName(message.NetworkSet))
                    : null;
            case Api.Peer.PeerOneofCase.Nodes:
                return Nodes(message.Nodes, path.Field("nodes"), violations);
            default:
                violations.Add(path, Reasons.ExactlyOneRequired, "names nobody: give exactly one of any, endpoints, ipBlock, networkSet and nodes");
                return null;
        }
    }

    private static Peer.Block? Block(Api.IpBlock message, FieldPath path, ViolationList violations)
    {
        var known = AddressParser.TryBlock(message.Cidr, path.Field("cidr"), violations, out var cidr);
        var excepts = AddressParser.Excepts(known ? cidr : null, message.Except, path.Field("except"), violations);
        return known ? new Peer.Block(cidr, excepts) : null;
    }

    private static Peer? Nodes(Api.NodePeer message, FieldPath path, ViolationList violations)
    {
        if (message.Local == (message.Selector is not null))
        {
            var given = message.Local ? "both" : "neither";
            violations.Add(path, Reasons.ExactlyOneRequired, $"{given} of 'local: true' and selector is given: give exactly one");
            return null;
        }

        return message.Selector is null ? Peer.LocalNode.Instance : new Peer.Nodes(SelectorParser.Labels(message.Selector, path.Field("selector"), violations));
    }
}
