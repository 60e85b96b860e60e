using System.Globalization;
using Grpc.Core;
using Vallum.Contracts.Api.V1;
using ChangeKind = Vallum.Workloads.ChangeKind;

namespace Vallum.Scenarios.Days;

/// <summary>Of 100 operations 80 are about endpoints, 15 about policies, 5 are questions.</summary>
internal sealed class MixedDay : ChurnScenario
{
    private const int OfTwenty = 20;

    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(30);

    public override string Name => "mixed-day";

    public override string Summary => "80 % endpoints that come, go and change, 15 % policies that change, 5 % questions";

    // Every twentieth is a question; of the rest, 15 in 95 are policies.
    public override Task<Outcome> RunOnceAsync(long number, CancellationToken cancellationToken) => number % OfTwenty == OfTwenty - 1
        ? AskAsync(number / OfTwenty, cancellationToken)
        : ChangeAsync(number, number % OfTwenty is 3 or 9 or 15 ? _ => ChangeKind.PolicyChanged : OfEndpoint, cancellationToken);

    private static ChangeKind OfEndpoint(int dice) => dice switch
    {
        < 10 => ChangeKind.EndpointRelabelled,
        < 55 => ChangeKind.EndpointGoes,
        _ => ChangeKind.EndpointComes,
    };

    private async Task<Outcome> AskAsync(long number, CancellationToken cancellationToken)
    {
        const string Kind = "question";
        var tenant = string.Create(CultureInfo.InvariantCulture, $"tenants/tenant-{number % World.Shape.Tenants}");
        var options = new CallOptions(deadline: DateTime.UtcNow + AnswerWithin, cancellationToken: cancellationToken);
        try
        {
            switch (number % 4)
            {
                case 0:
                    await new StatusService.StatusServiceClient(Channel(number)).GetTenantStatusAsync(new GetTenantStatusRequest { Name = tenant }, options);
                    break;
                case 1:
                    await new PolicyService.PolicyServiceClient(Channel(number)).GetPolicyAsync(new GetRequest { Name = $"{tenant}/policies/p0" }, options);
                    break;
                case 2:
                    await new EndpointService.EndpointServiceClient(Channel(number)).ListEndpointsAsync(new ListRequest { Parent = tenant }, options);
                    break;
                default:
                    // By address: the endpoints of the beginning may have gone.
                    await new AnalysisService.AnalysisServiceClient(Channel(number))
                        .ExplainFlowAsync(new ExplainFlowRequest { Source = "10.0.0.1", Destination = "10.0.0.2", Port = 80 }, options);
                    break;
            }

            return Outcome.Of(Kind);
        }
        catch (RpcException exception)
        {
            return Outcome.Failed(exception, Kind);
        }
    }
}
