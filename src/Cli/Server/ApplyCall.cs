using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Grpc.Core;
using Vallum.Cli.Output;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests;

namespace Vallum.Cli.Server;

/// <summary>Sends what files say as one Apply, and tells faults by file and line.</summary>
internal sealed partial class ApplyCall(Connection connection, TextWriter error)
{
    private static readonly TimeSpan AtLeast = TimeSpan.FromMinutes(2);

    public async Task<ApplyResponse> PutAsync(ImmutableArray<Manifest> manifests, bool validateOnly, CancellationToken cancellationToken)
    {
        var sent = await WithoutKnownSegmentsAsync(manifests, cancellationToken);
        var request = new ApplyRequest { Objects = { sent.Select(m => m.Object) } };
        return await SendAsync(request, validateOnly, index => sent[index], cancellationToken);
    }

    public Task<ApplyResponse> DeleteAsync(IEnumerable<string> names, bool validateOnly, CancellationToken cancellationToken) =>
        SendAsync(new ApplyRequest { Deletes = { names } }, validateOnly, _ => null, cancellationToken);

    private async Task<ApplyResponse> SendAsync(ApplyRequest request, bool validateOnly, Func<int, Manifest?> source, CancellationToken cancellationToken)
    {
        request.ValidateOnly = validateOnly;
        request.RequestId = validateOnly ? "" : Guid.NewGuid().ToString();
        try
        {
            var what = $"{(validateOnly ? "checking" : "applying")} {request.Objects.Count + request.Deletes.Count} objects";
            return await Progress.WhileAsync(
                error, what, () => connection.Resources.ApplyAsync(request, connection.Call(cancellationToken, AtLeast)).ResponseAsync);
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.InvalidArgument)
        {
            var lines = CallErrors.Describe(exception, connection.Address.ToString(), field => Place(field, source));
            throw new CommandFailure(CallErrors.ExitCodeOf(exception, connection.Address.ToString()), string.Join('\n', lines));
        }
    }

    /// <summary>Segments that nobody wrote down are made only where there are none: one that is there may have labels and a selector.</summary>
    private async Task<ImmutableArray<Manifest>> WithoutKnownSegmentsAsync(ImmutableArray<Manifest> manifests, CancellationToken cancellationToken)
    {
        var sent = ImmutableArray.CreateBuilder<Manifest>(manifests.Length);
        foreach (var manifest in manifests)
        {
            if (!manifest.Implied || !await ExistsAsync(manifest.Object.Segment.Name, cancellationToken))
            {
                sent.Add(manifest);
            }
        }

        return sent.ToImmutable();
    }

    private async Task<bool> ExistsAsync(string segment, CancellationToken cancellationToken)
    {
        try
        {
            await connection.Segments.GetSegmentAsync(new GetRequest { Name = segment }, connection.Call(cancellationToken));
            return true;
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
        {
            return false;
        }
    }

    /// <summary>"objects[3].spec.tier" becomes "shop.yaml:12: spec.tier".</summary>
    private static string Place(string field, Func<int, Manifest?> source)
    {
        var match = ObjectField().Match(field);
        return match.Success && source(int.Parse(match.Groups["index"].Value, CultureInfo.InvariantCulture)) is { } manifest
            ? $"{manifest.Source}:{manifest.Line}: {manifest.Origin} {manifest.Object.NameOrEmpty()}: {match.Groups["rest"].Value}"
            : field;
    }

    [GeneratedRegex(@"^objects\[(?<index>\d+)\]\.?(?<rest>.*)$")]
    private static partial Regex ObjectField();
}
