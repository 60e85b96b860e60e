using System.Runtime.InteropServices;
using System.Text;

namespace Vallum.NodeAgent.PacketLog;

/// <summary>Names of interfaces by their index, of this process's network namespace.</summary>
internal static partial class InterfaceNames
{
    // IF_NAMESIZE, with the zero.
    private const int NameBytes = 16;

    /// <summary>Null for one that is gone.</summary>
    public static string? Of(uint index)
    {
        Span<byte> name = stackalloc byte[NameBytes];
        return IndexToName(index, name) == 0 ? null : Encoding.ASCII.GetString(name[..name.IndexOf((byte)0)]);
    }

    [LibraryImport("libc", EntryPoint = "if_indextoname")]
    private static partial nint IndexToName(uint index, Span<byte> name);
}
