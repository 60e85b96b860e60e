using System.Collections.Immutable;
using Google.Protobuf.Collections;
using Vallum.Policies.Model;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Parsing;

/// <summary>Whom a policy is about: endpoints or nodes, never both.</summary>
internal static class SubjectParser
{
    /// <returns>One of the two is empty, unless there are violations.</returns>
    public static (ImmutableArray<EndpointSelector> Endpoints, ImmutableArray<Selector> Nodes) Parse(
        Api.PolicySpec spec, bool ofTenant, FieldPath path, ViolationList violations)
    {
        var at = path.Field("subject");
        if (!violations.Allows(at, spec.Subject.Count, Limits.Subjects, "selectors"))
        {
            return ([], []);
        }

        var use = ofTenant ? SelectorParser.Use.SubjectOfTenant : SelectorParser.Use.SubjectOfOperator;
        var endpoints = ImmutableArray.CreateBuilder<EndpointSelector>();
        var nodes = ImmutableArray.CreateBuilder<Selector>();
        for (var i = 0; i < spec.Subject.Count; i++)
        {
            var subject = spec.Subject[i];
            if (subject.Nodes is null)
            {
                endpoints.Add(SelectorParser.Endpoints(Endpoints(subject), use, at[i], violations));
            }
            else
            {
                nodes.Add(Nodes(subject, ofTenant, at[i], violations));
            }

            if ((subject.Nodes is null) != (spec.Subject[0].Nodes is null))
            {
                violations.Add(at[i], Reasons.MixedSubject, "the first item is about the other kind: a policy is about endpoints or about nodes; write two policies");
            }
        }

        if (nodes.Count > 0)
        {
            JudgeRules(spec.Ingress, isIngress: true, path.Field("ingress"), violations);
            JudgeRules(spec.Egress, isIngress: false, path.Field("egress"), violations);
        }

        return (endpoints.DrainToImmutable(), nodes.DrainToImmutable());
    }

    private static Api.EndpointSelector Endpoints(Api.PolicySubject subject) =>
        new() { Tenants = subject.Tenants, Segments = { subject.Segments }, Selector = subject.Selector };

    private static Selector Nodes(Api.PolicySubject subject, bool ofTenant, FieldPath path, ViolationList violations)
    {
        var at = path.Field("nodes");
        if (ofTenant)
        {
            violations.Add(at, Reasons.NodesNotAllowed, "nodes are not a tenant's: only an operator's policy (policies/{policy}) is about nodes");
        }

        if (subject.Tenants is not null || subject.Segments.Count > 0 || subject.Selector is not null)
        {
            violations.Add(path, Reasons.ExactlyOneRequired, "nodes stands alone: tenants, segments and selector are about endpoints");
        }

        if (subject.Nodes.Selector is not { } selector)
        {
            violations.Add(at, Reasons.EmptySelector, "says nothing about which nodes it picks: 'selector: {}' picks every node");
            return Selector.All;
        }

        return SelectorParser.Labels(selector, at.Field("selector"), violations);
    }

    /// <summary>A node belongs to no tenant, has no names for its ports, and what it says to itself is never judged.</summary>
    private static void JudgeRules(RepeatedField<Api.Rule> rules, bool isIngress, FieldPath path, ViolationList violations)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            for (var j = 0; j < rules[i].Peers.Count; j++)
            {
                JudgePeer(rules[i].Peers[j], path[i].Field("peers")[j], violations);
            }

            for (var j = 0; isIngress && j < rules[i].Services.Count; j++)
            {
                JudgePorts(rules[i].Services[j].Ports, path[i].Field("services")[j].Field("ports"), violations);
            }
        }
    }

    private static void JudgePeer(Api.Peer peer, FieldPath path, ViolationList violations)
    {
        if (peer.Endpoints is { } endpoints && (endpoints.Tenants is null || endpoints.Tenants.Relation != Api.TenantRelation.Unspecified))
        {
            violations.Add(
                path.Field("endpoints").Field("tenants"),
                Reasons.TenantsRequired,
                "a node belongs to no tenant, so none is the same or another: give tenants with selector or names; 'tenants: {selector: {}}' is every tenant");
        }

        if (peer.Nodes is { Local: true })
        {
            violations.Add(path.Field("nodes").Field("local"), Reasons.LocalNodeNotAllowed, "what a node says to itself is never judged: give a selector");
        }
    }

    private static void JudgePorts(RepeatedField<string> ports, FieldPath path, ViolationList violations)
    {
        for (var i = 0; i < ports.Count; i++)
        {
            if (ports[i].Any(char.IsLetter))
            {
                violations.Add(path[i], Reasons.PortNameNotAllowed, "a node has no names for its ports: give a number or a range");
            }
        }
    }
}
