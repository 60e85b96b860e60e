using System.Collections.Immutable;
using Vallum.Primitives;

namespace Vallum.Manifests.Parsing;

/// <summary>Addresses and blocks, with the words that say what would be right.</summary>
internal static class AddressParser
{
    private static readonly ImmutableArray<Cidr> NobodysOwn =
        [Cidr.Parse("0.0.0.0/32"), Cidr.Parse("255.255.255.255/32"), Cidr.Parse("224.0.0.0/4"), Cidr.Parse("::/128"), Cidr.Parse("ff00::/8")];

    /// <summary>Addresses that machines have as their own, each once; in the order written.</summary>
    public static ImmutableArray<Address> Own(IReadOnlyList<string> texts, FieldPath path, ViolationList violations)
    {
        if (texts.Count == 0 || !violations.Allows(path, texts.Count, Limits.Addresses, "addresses"))
        {
            return [];
        }

        var addresses = ImmutableArray.CreateBuilder<Address>(texts.Count);
        for (var i = 0; i < texts.Count; i++)
        {
            if (!Address.TryParse(texts[i], out var address))
            {
                violations.Add(path[i], Reasons.InvalidAddress, $"{Quoted.Of(texts[i])} is not an IPv4 or IPv6 address such as 10.0.0.7 or fd00::7");
            }
            else if (NobodysOwn.Any(block => block.Contains(address)))
            {
                violations.Add(path[i], Reasons.InvalidAddress, $"{address} is no machine's own address: unspecified, broadcast and multicast addresses are refused");
            }
            else if (addresses.Contains(address))
            {
                violations.Add(path[i], Reasons.DuplicateAddress, $"{address} is in the list already");
            }
            else
            {
                addresses.Add(address);
            }
        }

        return addresses.ToImmutable();
    }

    public static bool TryBlock(string text, FieldPath path, ViolationList violations, out Cidr cidr)
    {
        if (Cidr.TryParse(text, out cidr))
        {
            return true;
        }

        var hint = Address.TryParse(text, out var address) ? $"; for this address alone write {Cidr.Host(address)}" : "";
        violations.Add(path, Reasons.InvalidCidr, $"{Quoted.Of(text)} is not a CIDR such as 10.0.0.0/8 or fd00::/64{hint}");
        return false;
    }

    /// <summary>Blocks as a set: sorted, without duplicates.</summary>
    public static ImmutableArray<Cidr> Blocks(IReadOnlyList<string> texts, FieldPath path, ViolationList violations)
    {
        var blocks = new SortedSet<Cidr>();
        for (var i = 0; i < texts.Count; i++)
        {
            if (TryBlock(texts[i], path[i], violations, out var block))
            {
                blocks.Add(block);
            }
        }

        return [.. blocks];
    }

    /// <summary>The blocks cut out of <paramref name="cidr"/> (null: not known, then only their own form is judged), sorted, without duplicates.</summary>
    public static ImmutableArray<Cidr> Excepts(Cidr? cidr, IReadOnlyList<string> texts, FieldPath path, ViolationList violations)
    {
        if (!violations.Allows(path, texts.Count, Limits.Excepts, "excepted blocks"))
        {
            return [];
        }

        var excepts = new SortedSet<Cidr>();
        for (var i = 0; i < texts.Count; i++)
        {
            if (!TryBlock(texts[i], path[i], violations, out var except))
            {
                continue;
            }

            if (cidr is { } outer && !outer.Contains(except))
            {
                var why = outer.Family == except.Family ? "is not inside" : "is of another IP family than";
                violations.Add(path[i], Reasons.ExceptOutsideCidr, $"{except} {why} {outer}: an exception must lie inside its CIDR");
                continue;
            }

            excepts.Add(except);
        }

        return [.. excepts];
    }
}
