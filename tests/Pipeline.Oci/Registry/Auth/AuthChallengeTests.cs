using Shouldly;
using Xunit;

namespace Pipeline.Oci.Registry.Auth;

public sealed class AuthChallengeTests
{
    [Theory]
    [InlineData("Basic", "Basic[]")]
    [InlineData("Basic realm=\"a, b\"", "Basic[realm=a, b]")]
    [InlineData("Bearer realm=\"https://x/t\",service=\"s\",scope=\"repository:a:pull,push\"", "Bearer[realm=https://x/t;scope=repository:a:pull,push;service=s]")]
    [InlineData("Negotiate, Basic realm=x, Bearer realm=\"y\" , error = insufficient_scope", "Negotiate[] Basic[realm=x] Bearer[error=insufficient_scope;realm=y]")]
    [InlineData("bearer REALM=\"q\\\"uoted\"", "bearer[realm=q\"uoted]")]
    [InlineData("Bearer realm=\"unclosed", "Bearer[realm=unclosed]")]
    [InlineData(",,, =,", "")]
    [InlineData("", "")]
    public void A_header_is_read(string header, string expected) =>
        string.Join(' ', AuthChallenge.Parse([header]).Select(Show)).ShouldBe(expected);

    private static string Show(AuthChallenge challenge) =>
        $"{challenge.Scheme}[{string.Join(';', challenge.Parameters.Select(p => $"{p.Key.ToLowerInvariant()}={p.Value}").Order(StringComparer.Ordinal))}]";
}
