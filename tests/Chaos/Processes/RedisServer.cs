using System.Net.Sockets;

namespace Vallum.Chaos.Processes;

/// <summary>A redis-server of this run's own. Killed and started again it is the same one, with everything that it acknowledged.</summary>
internal sealed class RedisServer(string folder, int port) : IDisposable
{
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(30);

    private Child? _child;

    public int Port => port;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _child?.Dispose();
        _child = Child.Start(
            Programs.Redis ?? throw new FileNotFoundException("redis-server is not on the PATH."),
            ["--port", $"{port}", "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes", "--appendfsync", "always"],
            Path.Combine(folder, "redis.log"));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartWithin);
        while (!await AnswersAsync(limit.Token))
        {
            await Task.Delay(10, limit.Token);
        }
    }

    public void Kill() => _child?.Dispose();

    public void Dispose() => _child?.Dispose();

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, cancellationToken);
            await client.Client.SendAsync("PING\r\n"u8.ToArray(), cancellationToken);
            var answer = new byte[16];
            var length = await client.Client.ReceiveAsync(answer, cancellationToken);
            // While it reads its log it answers -LOADING.
            return answer.AsSpan(0, length).StartsWith("+PONG"u8);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
