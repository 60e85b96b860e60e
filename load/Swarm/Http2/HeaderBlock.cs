using System.Text;

namespace Vallum.Swarm.Http2;

/// <summary>
/// As much of HPACK (RFC 7541) as a gRPC call needs: the block that opens one, and single fields of what a server answers. The client allows no dynamic
/// table, so that each block stands for itself.
/// </summary>
internal static class HeaderBlock
{
    // Places in the static table (RFC 7541, appendix A).
    private const byte MethodPost = 0x83;
    private const byte SchemeHttp = 0x86;
    private const byte PathName = 0x04;
    private const byte AuthorityName = 0x01;
    private const int ContentTypeName = 31;

    public static byte[] OfCall(string path, string authority)
    {
        var block = new List<byte> { MethodPost, SchemeHttp, PathName };
        Text(block, path);
        block.Add(AuthorityName);
        Text(block, authority);
        // A literal with an indexed name has four bits for the index: 15, and what is more behind it.
        block.AddRange([0x0f, ContentTypeName - 0x0f]);
        Text(block, "application/grpc");
        block.Add(0);
        Text(block, "te");
        Text(block, "trailers");
        return [.. block];
    }

    /// <summary>The value of a field whose name is not in the static table; null: it is not there, or said in a way that is not read here (Huffman).</summary>
    public static string? Find(ReadOnlySpan<byte> block, string name)
    {
        while (!block.IsEmpty)
        {
            var first = block[0];
            if ((first & 0x80) != 0)
            {
                Integer(ref block, 7);
                continue;
            }

            if ((first & 0xe0) == 0x20)
            {
                // The size of a table that is not used.
                Integer(ref block, 5);
                continue;
            }

            var index = Integer(ref block, (first & 0x40) != 0 ? 6 : 4);
            var found = index == 0 ? Text(ref block) : null;
            var value = Text(ref block);
            if (found == name)
            {
                return value;
            }
        }

        return null;
    }

    private static void Text(List<byte> block, string text)
    {
        // Names and paths here are below 127 bytes: one byte of length.
        block.Add(checked((byte)text.Length));
        block.AddRange(Encoding.ASCII.GetBytes(text));
    }

    private static string? Text(ref ReadOnlySpan<byte> block)
    {
        var isHuffman = (block[0] & 0x80) != 0;
        var length = Integer(ref block, 7);
        var text = isHuffman ? null : Encoding.UTF8.GetString(block[..length]);
        block = block[length..];
        return text;
    }

    /// <summary>RFC 7541, section 5.1.</summary>
    private static int Integer(ref ReadOnlySpan<byte> block, int bits)
    {
        var most = (1 << bits) - 1;
        var value = block[0] & most;
        block = block[1..];
        if (value < most)
        {
            return value;
        }

        for (var shift = 0; ; shift += 7)
        {
            var next = block[0];
            block = block[1..];
            value += (next & 0x7f) << shift;
            if ((next & 0x80) == 0)
            {
                return value;
            }
        }
    }
}
