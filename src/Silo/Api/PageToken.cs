using System.IO.Hashing;
using System.Text;

namespace Vallum.Silo.Api;

/// <summary>Where a list goes on: the last name seen, in which scope; bound to what was asked for.</summary>
internal readonly record struct PageToken(string Scope, string After)
{
    public string Write(string parent, string filter) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Binding(parent, filter)}\n{Scope}\n{After}"));

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: not a token of this list.</exception>
    public static PageToken Read(string text, string parent, string filter)
    {
        if (text.Length == 0)
        {
            return new PageToken("", "");
        }

        var buffer = new byte[text.Length];
        if (Convert.TryFromBase64String(text, buffer, out var length) &&
            Encoding.UTF8.GetString(buffer, 0, length).Split('\n') is [var binding, var scope, var after] &&
            binding == Binding(parent, filter))
        {
            return new PageToken(scope, after);
        }

        throw ApiError.Invalid("page_token", "INVALID_PAGE_TOKEN", "not a token that this list, with this parent and filter, has given; begin without one");
    }

    private static string Binding(string parent, string filter) =>
        Convert.ToHexString(XxHash64.Hash(Encoding.UTF8.GetBytes($"{parent}\n{filter}")));
}
