using Google.Protobuf;
using Vallum.Silo.Distribution.Content;
using Wire = Vallum.Contracts.Agent.V1;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>What an entry refers to, read from its bytes: a binding's entry its profile, a profile's entry its policy's rules.</summary>
internal static class ResourceReferences
{
    private static readonly uint BindingProfile = Tag(Wire.BindingEntry.ProfileFieldNumber);
    private static readonly uint ProfileRules = Tag(Wire.ProfileEntry.RulesFieldNumber);

    /// <summary>What all entries refer to, as often as they do.</summary>
    public static IEnumerable<ResourceId> Of(Wire.ResourceKind kind, IEnumerable<Entry> entries) =>
        kind is Wire.ResourceKind.Binding or Wire.ResourceKind.Profile ? entries.Select(entry => Of(kind, entry)).OfType<ResourceId>() : [];

    /// <summary>Null: an entry that refers to nothing.</summary>
    public static ResourceId? Of(Wire.ResourceKind kind, Entry entry) => kind switch
    {
        Wire.ResourceKind.Binding => ResourceId.Profile(Text(entry, BindingProfile)),
        Wire.ResourceKind.Profile => ResourceId.PolicyRules(Text(entry, ProfileRules)),
        _ => null,
    };

    // Only the one field is read: the whole message of a million endpoints would be mostly garbage.
    private static string Text(Entry entry, uint wanted)
    {
        var input = new CodedInputStream(entry.Bytes);
        while (input.ReadTag() is var tag and not 0)
        {
            if (tag == wanted)
            {
                return input.ReadString();
            }

            input.SkipLastField();
        }

        return "";
    }

    private static uint Tag(int field) => WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited);
}
