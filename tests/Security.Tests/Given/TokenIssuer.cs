using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;

namespace Vallum.Security.Tests.Given;

/// <summary>Makes tokens by hand, so that wrong ones can be made too.</summary>
/// <param name="keyId">What its key is called in the key set and in the tokens.</param>
public sealed class TokenIssuer(string keyId = "1") : IDisposable
{
    public const string Issuer = "https://issuer.test";
    public const string Audience = "vallum";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The public half, as a key set.</summary>
    public string KeySet()
    {
        var key = _key.ExportParameters(includePrivateParameters: false);
        return JsonSerializer.Serialize(new { keys = new[] { new { kty = "EC", crv = "P-256", kid = keyId, use = "sig", x = Base64UrlEncoder.Encode(key.Q.X), y = Base64UrlEncoder.Encode(key.Q.Y) } } });
    }

    public string Token(string subject, params string[] groups) => Sign(Claims(subject, groups));

    public static JsonObject Claims(string subject, params string[] groups) => new()
    {
        ["iss"] = Issuer,
        ["aud"] = Audience,
        ["sub"] = subject,
        ["groups"] = new JsonArray([.. groups.Select(group => (JsonNode)group)]),
        ["exp"] = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds(),
    };

    public string Sign(JsonObject claims) => Join("ES256", claims, text => _key.SignData(text, HashAlgorithmName.SHA256));

    public string Unsigned(JsonObject claims) => Join("none", claims, _ => []);

    /// <summary>With the public key as if it were a shared secret (RFC 8725, 2.1).</summary>
    public string SignWithPublicKeyAsSecret(JsonObject claims) => Join("HS256", claims, text => HMACSHA256.HashData(_key.ExportSubjectPublicKeyInfo(), text));

    public void Dispose() => _key.Dispose();

    private string Join(string algorithm, JsonObject claims, Func<byte[], byte[]> sign)
    {
        var text = $"{Base64UrlEncoder.Encode(JsonSerializer.Serialize(new { alg = algorithm, typ = "JWT", kid = keyId }))}.{Base64UrlEncoder.Encode(claims.ToJsonString())}";
        return $"{text}.{Base64UrlEncoder.Encode(sign(System.Text.Encoding.ASCII.GetBytes(text)))}";
    }
}
