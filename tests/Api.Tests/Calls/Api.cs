using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Vallum.Contracts.Api.V1;
using Vallum.SiloHost;
using Metadata = Vallum.Contracts.Api.V1.Metadata;

namespace Vallum.Api.Tests.Calls;

/// <summary>The services as a client has them; and the standard methods of every kind by the kind's name, since they are all alike.</summary>
internal sealed class Api(TestSilo silo)
{
    private static readonly Dictionary<string, MethodDescriptor> StandardMethods =
        InventoryReflection.Descriptor.Services.SelectMany(service => service.Methods).ToDictionary(method => method.Name);

    private readonly CallInvoker _invoker = silo.Channel.CreateCallInvoker();

    public static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public PolicyService.PolicyServiceClient Policies => new(_invoker);

    public EndpointService.EndpointServiceClient Endpoints => new(_invoker);

    public NodeService.NodeServiceClient Nodes => new(_invoker);

    public TenantService.TenantServiceClient Tenants => new(_invoker);

    public ResourceService.ResourceServiceClient Resources => new(_invoker);

    public AnalysisService.AnalysisServiceClient Analysis => new(_invoker);

    public StatusService.StatusServiceClient Status => new(_invoker);

    public HistoryService.HistoryServiceClient History => new(_invoker);

    public async Task<ApplyResponse> ApplyAsync(params IMessage[] objects) =>
        await Resources.ApplyAsync(Given.Apply(objects), cancellationToken: Cancelled);

    public Task<IMessage> GetAsync(string kind, string name) => CallAsync($"Get{kind}", new GetRequest { Name = name });

    public Task<IMessage> CreateAsync(IMessage value, string requestId = "", bool validateOnly = false) =>
        CallAsync($"Create{KindOf(value)}", Request($"Create{KindOf(value)}", value, requestId, validateOnly));

    public Task<IMessage> UpdateAsync(IMessage value, string requestId = "", bool validateOnly = false, bool allowMissing = false)
    {
        var request = Request($"Update{KindOf(value)}", value, requestId, validateOnly);
        Field(request, "allow_missing").SetValue(request, allowMissing);
        return CallAsync($"Update{KindOf(value)}", request);
    }

    public Task DeleteAsync(string kind, DeleteRequest request) => CallAsync($"Delete{kind}", request);

    public async Task<(List<IMessage> Objects, string Next)> ListAsync(string kind, ListRequest request)
    {
        var plural = kind == "Policy" ? "Policies" : $"{kind}s";
        var response = await CallAsync($"List{plural}", request);
        var list = response.Descriptor.Fields.InDeclarationOrder().Single(field => field.IsRepeated);
        return ([.. ((System.Collections.IEnumerable)list.Accessor.GetValue(response)).Cast<IMessage>()], (string)Field(response, "next_page_token").GetValue(response));
    }

    public static string NameOf(IMessage value) => (string)Field(value, "name").GetValue(value);

    public static Metadata MetadataOf(IMessage value) => (Metadata)Field(value, "metadata").GetValue(value);

    private static string KindOf(IMessage value) => value.Descriptor.Name;

    private static IFieldAccessor Field(IMessage message, string name) => message.Descriptor.FindFieldByName(name).Accessor;

    private static IMessage Request(string method, IMessage value, string requestId, bool validateOnly)
    {
        var request = StandardMethods[method].InputType.Parser.ParseFrom(ByteString.Empty);
        request.Descriptor.Fields.InDeclarationOrder().Single(field => field.FieldType == FieldType.Message).Accessor.SetValue(request, value);
        Field(request, "request_id").SetValue(request, requestId);
        Field(request, "validate_only").SetValue(request, validateOnly);
        return request;
    }

    private async Task<IMessage> CallAsync(string name, IMessage request)
    {
        var descriptor = StandardMethods[name];
        var method = new Method<IMessage, IMessage>(
            MethodType.Unary,
            descriptor.Service.FullName,
            name,
            Marshallers.Create(message => message.ToByteArray(), descriptor.InputType.Parser.ParseFrom),
            Marshallers.Create(message => message.ToByteArray(), descriptor.OutputType.Parser.ParseFrom));
        return await _invoker.AsyncUnaryCall(method, null, new CallOptions(cancellationToken: Cancelled), request);
    }
}
