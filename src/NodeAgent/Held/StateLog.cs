using System.Buffers.Binary;
using Google.Protobuf;
using Vallum.Contracts.Agent.V1;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Held;

/// <summary>
/// What was applied, on disk: the updates themselves, one record each, behind a snapshot of what there was before them. A record is its length (4
/// bytes, big-endian), the digest of its content (16) and the content, an <see cref="Update"/>. A record that is cut or damaged ends the file: what a
/// crash left unfinished was never acknowledged. The parts of one update count together or not at all.
/// </summary>
internal sealed class StateLog : IDisposable
{
    private const int HeadBytes = 4 + Digest.Length;

    // A snapshot is written in parts of about this many bytes, far below what one message may be.
    private const int SnapshotPartBytes = 4 * 1024 * 1024;

    // Below this the file is not worth rewriting.
    private const long SmallBytes = 4 * 1024 * 1024;

    private readonly string _path;
    private FileStream _file;
    private long _snapshotBytes;

    private StateLog(string path, FileStream file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>Opens the log, or starts one, and gives everything in it to <paramref name="replay"/>: the parts of one update per call, in order.</summary>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public static StateLog Open(string path, Action<IReadOnlyList<Update>> replay)
    {
        File.Delete(Temporary(path));
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            file.SetLength(Replay(file, replay));
            file.Seek(0, SeekOrigin.End);
            return new StateLog(path, file) { _snapshotBytes = file.Length };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Hands the parts of an applied update to the operating system: a killed agent has them, a machine that loses power may not, and is then sent the
    /// difference.
    /// </summary>
    public void Append(IEnumerable<Update> parts)
    {
        foreach (var part in parts)
        {
            Write(_file, part);
        }

        _file.Flush();
    }

    /// <summary>Writes the file anew from what is held when it has become several times as long as that.</summary>
    public void CompactWhenLong(HeldResources held)
    {
        if (_file.Length > SmallBytes && _file.Length > 3 * _snapshotBytes)
        {
            Compact(held);
        }
    }

    public void Compact(HeldResources held)
    {
        var temporary = Temporary(_path);
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            foreach (var part in Snapshot(held))
            {
                Write(file, part);
            }

            file.Flush(flushToDisk: true);
            _snapshotBytes = file.Length;
        }

        // The new file takes the old one's name in one step: a crash leaves either.
        _file.Dispose();
        File.Move(temporary, _path, overwrite: true);
        _file = new FileStream(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        _file.Seek(0, SeekOrigin.End);
    }

    public void Dispose() => _file.Dispose();

    private static string Temporary(string path) => path + ".new";

    /// <returns>Where the last complete update ends.</returns>
    private static long Replay(FileStream file, Action<IReadOnlyList<Update>> replay)
    {
        var parts = new List<Update>();
        var end = 0L;
        while (Read(file) is { } part)
        {
            parts.Add(part);
            if (!part.More)
            {
                replay([.. parts]);
                parts.Clear();
                end = file.Position;
            }
        }

        return end;
    }

    private static Update? Read(FileStream file)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        if (file.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false) < HeadBytes)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (length > file.Length - file.Position)
        {
            return null;
        }

        var content = new byte[length];
        file.ReadExactly(content);
        return Digest.Of(content) == Digest.FromBytes(head[4..]) ? Update.Parser.ParseFrom(content) : null;
    }

    private static void Write(FileStream file, Update update)
    {
        var content = update.ToByteArray();
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteUInt32BigEndian(head, (uint)content.Length);
        Digest.Of(content).ToBytes().CopyTo(head[4..]);
        file.Write(head);
        file.Write(content);
    }

    private static IEnumerable<Update> Snapshot(HeldResources held)
    {
        var part = new Update { More = true };
        var bytes = 0;
        foreach (var (name, resource) in held.All)
        {
            part.Resources.Add(ToWire(name, resource));
            bytes += resource.Head.Length + resource.Entries.Sum(e => e.Length + 2);
            if (bytes > SnapshotPartBytes)
            {
                yield return part;
                part = new Update { More = true };
                bytes = 0;
            }
        }

        part.More = false;
        part.EndOfSnapshot = true;
        part.HeldDigest = ByteString.CopyFrom(held.Total.ToBytes());
        yield return part;
    }

    private static Resource ToWire(ResourceName name, HeldResource resource) => new()
    {
        Kind = name.Kind,
        Name = name.Name,
        Digest = ByteString.CopyFrom(resource.Digest.ToBytes()),
        Whole = new Whole { Head = resource.Head, Entries = { resource.Entries } },
    };
}
