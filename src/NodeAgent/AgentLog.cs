using Microsoft.Extensions.Logging;
using Vallum.NodeAgent.Kernel;

namespace Vallum.NodeAgent;

/// <summary>What an operator of the node would want to know in a week.</summary>
internal static partial class AgentLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} starts with {Backend}; {Resources} resources held")]
    public static partial void Starts(ILogger logger, string node, string backend, int resources);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sets are changed with ipset, which takes longer: {Words}")]
    public static partial void SetsByTools(ILogger logger, string words);

    [LoggerMessage(Level = LogLevel.Error, Message = "The kernel lacks {Missing}: rules that ask for it will be refused")]
    public static partial void Lacks(ILogger logger, string missing);

    [LoggerMessage(Level = LogLevel.Information, Message = "The {Resources} resources that were held are enforced after {Elapsed}")]
    public static partial void Resumed(ILogger logger, int resources, TimeSpan elapsed);

    [LoggerMessage(Level = LogLevel.Information, Message = "The kernel held nothing of ours: {Endpoints} known endpoints and all unknown ones are cut off until the rules are in")]
    public static partial void Fenced(ILogger logger, int endpoints);

    [LoggerMessage(Level = LogLevel.Information, Message = "What an earlier run left in {Backend} is removed; {Chosen} is in force")]
    public static partial void Swept(ILogger logger, Toolset backend, Toolset chosen);

    [LoggerMessage(Level = LogLevel.Error, Message = "What an earlier run left in {Backend} stays in force beside {Chosen}, trying again: {Words}")]
    public static partial void NotSwept(ILogger logger, Toolset backend, Toolset chosen, string words);

    [LoggerMessage(Level = LogLevel.Information, Message = "Update {Nonce} is in the kernel after {Elapsed}")]
    public static partial void Applied(ILogger logger, ulong nonce, TimeSpan elapsed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Update {Nonce} is refused as {Reason}: {Words}")]
    public static partial void Refused(ILogger logger, ulong nonce, string reason, string words);

    [LoggerMessage(Level = LogLevel.Error, Message = "The kernel is not as wanted, trying again: {Words}")]
    public static partial void NotApplied(ILogger logger, string words);

    [LoggerMessage(Level = LogLevel.Information, Message = "The kernel is as wanted again")]
    public static partial void AppliedAgain(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Put back what somebody changed: {Difference}")]
    public static partial void Repaired(ILogger logger, string difference);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Words}")]
    public static partial void Warns(ILogger logger, string words);

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected to {Server}")]
    public static partial void Connected(ILogger logger, Uri server);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No connection to {Server}, again in {Seconds:0.0} s: {Words}")]
    public static partial void Disconnected(ILogger logger, Uri server, double seconds, string words);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Server} refuses this agent, again in {Seconds:0.0} s: {Words}")]
    public static partial void Rejected(ILogger logger, Uri server, double seconds, string words);

    [LoggerMessage(Level = LogLevel.Error, Message = "The TLS files cannot be used, going on with those of before: {Words}")]
    public static partial void CredentialsNotRead(ILogger logger, string words);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate {Certificate} names {Identity}, and this agent is of node {Node}: silos will refuse it")]
    public static partial void OtherNode(ILogger logger, string certificate, string identity, string node);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Server} is going away; connecting elsewhere")]
    public static partial void Drained(ILogger logger, Uri server);

    [LoggerMessage(Level = LogLevel.Error, Message = "The state file cannot be written, a restart would begin from an older one: {Words}")]
    public static partial void NotPersisted(ILogger logger, string words);

    [LoggerMessage(Level = LogLevel.Error, Message = "What was held cannot be used and is left aside; the control plane will send it: {Words}")]
    public static partial void LeftAside(ILogger logger, string words);
}
