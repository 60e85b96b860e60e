using System.CommandLine;
using Vallum.Cli.Output;
using Vallum.Cli.Server;
using Vallum.Contracts.Api.V1;

namespace Vallum.Cli.Commands;

/// <summary>Which rule blocks this flow, or lets it pass?</summary>
internal static class ExplainCommand
{
    public static Command Build(ServerOptions server, TextWriter output)
    {
        var from = new Option<string>("--from") { Description = "Source: tenant/endpoint, or an address", Required = true };
        var to = new Option<string>("--to") { Description = "Destination: tenant/endpoint, or an address", Required = true };
        var flow = new FlowOptions();
        var format = OutputFormats.Option(OutputFormat.Table, OutputFormat.Wide, OutputFormat.Json);
        var command = new Command("explain", "Say whether a flow is allowed and what decides it. Exit code 1 when it is denied.") { from, to, format };
        flow.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var connection = server.Connect(parsed);
            var request = new ExplainFlowRequest
            {
                Source = FlowOptions.PartyName(parsed.GetValue(from)!),
                Destination = FlowOptions.PartyName(parsed.GetValue(to)!),
                Protocol = parsed.GetValue(flow.Protocol),
                Port = parsed.GetValue(flow.Port),
            };
            if (parsed.GetValue(flow.IcmpType) is { } type)
            {
                request.IcmpType = type;
            }

            var answer = await connection.Analysis.ExplainFlowAsync(request, connection.Call(cancellationToken));
            switch (parsed.GetValue(format))
            {
                case OutputFormat.Json:
                    await output.WriteLineAsync(Json.Write(answer));
                    break;
                case var chosen:
                    Write(request, answer, chosen == OutputFormat.Wide, output);
                    break;
            }

            return answer.Allowed ? ExitCode.Ok : ExitCode.Negative;
        });
        return command;
    }

    private static void Write(ExplainFlowRequest request, ExplainFlowResponse answer, bool wide, TextWriter output)
    {
        var service = request.Port > 0 ? $"{request.Protocol}/{request.Port}" : request.Protocol;
        output.WriteLine($"{(answer.Allowed ? "ALLOWED" : "DENIED")}  {answer.SourceAddress} → {answer.DestinationAddress} {service}");
        Write("egress at the source", answer.Egress, wide, output);
        Write("ingress at the destination", answer.Ingress, wide, output);
    }

    private static void Write(string title, DirectionVerdict verdict, bool wide, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"{title}: {verdict.Summary}");
        if (verdict.Node.Length > 0)
        {
            var state = !verdict.NodeConnected
                ? "its agent is not connected: what it enforces is not known"
                : verdict.NodeInSync ? "enforces what is wanted now" : "does not yet enforce what is wanted now";
            output.WriteLine($"  {verdict.Node} {state}");
        }

        // Everything that was considered is long in a large tenant: what did not even select the endpoint is shown on demand.
        var shown = verdict.Considered.Where(c => wide || c.InForce).ToList();
        foreach (var policy in shown)
        {
            output.WriteLine($"  {policy.Tier.ToString().ToLowerInvariant(),-8}  {policy.Policy}: {Outcome(policy)}");
        }

        foreach (var policy in verdict.Staged)
        {
            output.WriteLine($"  staged    {policy.Detail}");
        }

        var hidden = verdict.Considered.Count - shown.Count;
        if (hidden > 0)
        {
            output.WriteLine($"  {hidden} more {(hidden == 1 ? "policy does" : "policies do")} not select the endpoint in this direction (-o wide shows them)");
        }
    }

    private static string Outcome(ConsideredPolicy policy) =>
        policy.Outcome == "NO_MATCH" ? policy.Detail : $"{policy.Outcome.ToLowerInvariant()}, {policy.Detail}";
}
