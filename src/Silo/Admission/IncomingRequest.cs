using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace Vallum.Silo.Admission;

/// <summary>How a request came.</summary>
internal enum Arrival
{
    /// <summary>With all its bytes, or cut off by its caller, which gRPC refuses by itself.</summary>
    Whole,

    TooLarge,

    NoRoom,

    Late,

    /// <summary>The caller has gone.</summary>
    Gone,
}

/// <summary>
/// One message on its way in. Its first five bytes tell its length ("Length-Prefixed-Message", gRPC over HTTP/2): room is taken before the rest is kept.
/// Nothing is consumed: gRPC reads it after this.
/// </summary>
internal sealed class IncomingRequest(HttpContext context, RequestRoom room, int largest) : IDisposable
{
    private const int Prefix = 5;

    private long _taken;

    public async Task<Arrival> ReadAsync(TimeSpan within, TimeProvider time)
    {
        using var late = new CancellationTokenSource(within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, context.RequestAborted);
        var body = context.Request.BodyReader;
        try
        {
            while (true)
            {
                var read = await body.ReadAsync(either.Token);
                var arrival = Look(read);
                // What was looked at once stays so: Kestrel opens the window by it. gRPC's own read then comes back with the end of the request.
                body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (arrival is not null)
                {
                    return arrival.Value;
                }
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return Arrival.Late;
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return Arrival.Gone;
        }
    }

    public void Dispose() => room.Give(_taken);

    /// <summary>Null: more has to come.</summary>
    private Arrival? Look(ReadResult read)
    {
        if (read.Buffer.Length < Prefix)
        {
            return read.IsCompleted ? Arrival.Whole : null;
        }

        Span<byte> prefix = stackalloc byte[Prefix];
        read.Buffer.Slice(0, Prefix).CopyTo(prefix);
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (length > largest)
        {
            return Arrival.TooLarge;
        }

        if (_taken == 0 && length > 0)
        {
            if (!room.TryTake(length))
            {
                return Arrival.NoRoom;
            }

            _taken = length;
        }

        return read.IsCompleted || read.Buffer.Length >= Prefix + length ? Arrival.Whole : null;
    }
}
