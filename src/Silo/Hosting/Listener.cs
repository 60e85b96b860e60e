using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Vallum.Silo.Hosting;

/// <summary>On which listener a connection came in.</summary>
internal enum Listener
{
    Grpc,
    Admin,
}

/// <summary>Says of an endpoint on which listener it answers; endpoints that say nothing answer on <see cref="Listener.Grpc"/>.</summary>
internal sealed record AnswersOn(Listener Listener);

/// <summary>Keeps the listeners apart: what an operator may see is not for everybody who reaches the gRPC port, and the other way round.</summary>
internal static class Listeners
{
    private sealed record Origin(Listener Listener);

    /// <exception cref="AddressInUseException">Another process listens on an address of the silo.</exception>
    public static void EnsureFree(SiloOptions options)
    {
        foreach (var (setting, text) in (ReadOnlySpan<(string, string)>)[("--listen", options.Listen), ("--admin-listen", options.AdminListen)])
        {
            if (SiloOptions.TryParseListen(text, out var endpoint))
            {
                EnsureFree(setting, endpoint);
            }
        }
    }

    private static void EnsureFree(string setting, IPEndPoint endpoint)
    {
        using var probe = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(endpoint);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException($"Another process listens on {endpoint}: choose another address with {setting}.", exception);
        }
    }

    /// <summary>Marks the connections of a listener.</summary>
    public static void Mark(this ListenOptions options, Listener listener) => options.Use(next => connection =>
    {
        connection.Features.Set(new Origin(listener));
        return next(connection);
    });

    /// <summary>Where the call came in.</summary>
    public static Listener ListenerOf(this HttpContext context) => context.Features.Get<Origin>()?.Listener ?? Listener.Grpc;

    /// <summary>An endpoint of another listener is not there.</summary>
    public static void UseListeners(this WebApplication app) => app.Use((context, next) =>
    {
        var origin = context.ListenerOf();
        var wanted = context.GetEndpoint()?.Metadata.GetMetadata<AnswersOn>()?.Listener ?? Listener.Grpc;
        if (context.GetEndpoint() is not null && origin != wanted)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        return next(context);
    });
}
