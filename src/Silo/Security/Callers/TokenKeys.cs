using System.Collections.Immutable;
using Microsoft.IdentityModel.Tokens;

namespace Vallum.Silo.Security.Callers;

/// <summary>What tokens are verified with, from a JSON Web Key Set (RFC 7517). Public keys only: with a shared secret whoever verifies could also sign.</summary>
internal sealed class TokenKeys
{
    private TokenKeys(ImmutableArray<SecurityKey> keys) => Keys = keys;

    public ImmutableArray<SecurityKey> Keys { get; }

    /// <exception cref="InvalidDataException">It is no key set, or not of public keys.</exception>
    public static TokenKeys Load(string path)
    {
        try
        {
            var set = new JsonWebKeySet(File.ReadAllText(path)) { SkipUnresolvedJsonWebKeys = false };
            if (set.Keys.Count == 0 || set.Keys.Any(key => key.Kty is not (JsonWebAlgorithmsKeyTypes.RSA or JsonWebAlgorithmsKeyTypes.EllipticCurve)))
            {
                throw new InvalidDataException($"{path}: give public keys, RSA or EC, at least one");
            }

            return new TokenKeys([.. set.Keys.Where(key => key.Use is null or "" or JsonWebKeyUseNames.Sig)]);
        }
        catch (Exception exception) when (exception is ArgumentException or System.Text.Json.JsonException or SecurityTokenException)
        {
            throw new InvalidDataException($"{path} is no JSON Web Key Set: {exception.Message}");
        }
    }
}
