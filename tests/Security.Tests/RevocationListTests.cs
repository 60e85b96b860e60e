using System.Security.Cryptography;
using Vallum.Credentials;
using Vallum.Security.Tests.Given;

namespace Vallum.Security.Tests;

public sealed class RevocationListTests : IDisposable
{
    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void A_list_is_read_in_pem_and_in_der_with_whatever_else_is_in_the_file()
    {
        var (kept, taken) = (_files.User("kept"), _files.User("taken"));
        _files.Revoke(taken);
        var pem = File.ReadAllText(_files.Crl);
        var der = Convert.FromBase64String(pem.AsSpan()[PemEncoding.Find(pem).Base64Data].ToString());

        foreach (var file in (byte[][])[System.Text.Encoding.ASCII.GetBytes($"{File.ReadAllText(_files.Authority)}{pem}"), der])
        {
            var list = RevocationList.ReadAll(file, [_files.Issuer.Certificate]).ShouldHaveSingleItem();
            list.Revokes(taken.Load().Certificate).ShouldBeTrue();
            list.Revokes(kept.Load().Certificate).ShouldBeFalse();
        }
    }

    [Fact]
    public void A_list_counts_only_as_its_authority_signed_it()
    {
        using var others = new Files();
        var pem = File.ReadAllText(_files.Crl);
        var der = Convert.FromBase64String(pem.AsSpan()[PemEncoding.Find(pem).Base64Data].ToString());

        Should.Throw<InvalidDataException>(() => RevocationList.ReadAll(der, [others.Issuer.Certificate]));
        for (var i = 0; i < der.Length; i += 7)
        {
            var broken = der.ToArray();
            broken[i] ^= 1;
            Should.Throw<InvalidDataException>(() => RevocationList.ReadAll(broken, [_files.Issuer.Certificate]));
        }
    }
}
