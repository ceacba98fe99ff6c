using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Pipeline.Oci.Documents;

namespace Pipeline.Oci.Registry.Auth;

/// <summary>What a token is for. Tokens are shared by all requests with the same one.</summary>
internal sealed record TokenScope(string Realm, string Service, string Scope);

/// <summary>
/// Gets bearer tokens: distribution-spec, "Token Authentication". With a password by GET, with an identity token by POST,
/// with neither anonymously, which even public images need.
/// </summary>
internal sealed class TokenSource(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, TimeProvider time)
{
    private const int MaxTokenBytes = 1 << 20;
    private const string ClientId = "pipeline";
    private static readonly TimeSpan LeastLife = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<TokenScope, (string Token, DateTimeOffset Until)> _tokens = new();
    private readonly ConcurrentDictionary<TokenScope, SemaphoreSlim> _gates = new();

    /// <summary>A token that is known already and not about to end.</summary>
    public string? Known(TokenScope scope) =>
        _tokens.TryGetValue(scope, out var known) && known.Until - Margin > time.GetUtcNow() ? known.Token : null;

    public void Forget(TokenScope scope, string token)
    {
        if (_tokens.TryGetValue(scope, out var known) && known.Token == token)
            _tokens.TryRemove(scope, out _);
    }

    public async Task<string> GetAsync(RegistryEndpoint endpoint, TokenScope scope, Credential? credential, CancellationToken ct)
    {
        var gate = _gates.GetOrAdd(scope, _ => new SemaphoreSlim(1));
        await gate.WaitAsync(ct);
        try
        {
            if (Known(scope) is { } known)
                return known;
            var (token, life) = await FetchAsync(endpoint, scope, credential, ct);
            _tokens[scope] = (token, time.GetUtcNow() + (life > LeastLife ? life : LeastLife));
            return token;
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<(string Token, TimeSpan Life)> FetchAsync(RegistryEndpoint endpoint, TokenScope scope, Credential? credential, CancellationToken ct)
    {
        if (!Uri.TryCreate(scope.Realm, UriKind.Absolute, out var realm))
            throw new RegistryException(RegistryRules.UnsafeRealm, endpoint.Host, "an unreadable address", "which is not a URL");
        if (RedirectGuard.Complaint(endpoint, realm) is { } complaint)
            throw new RegistryException(RegistryRules.UnsafeRealm, endpoint.Host, RedirectGuard.Shown(realm), complaint);
        using var request = credential?.IdentityToken is { } identity ? Exchange(realm, scope, identity) : Ask(realm, scope, credential);
        using var response = await send(request, ct);
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest)
            throw credential is null
                ? new RegistryException(RegistryRules.AuthenticationRequired, endpoint.Host, endpoint.Repository)
                : new RegistryException(RegistryRules.Denied, endpoint.Host, endpoint.Repository, credential.Origin);
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException($"the sign-in of {endpoint.Host} at {RedirectGuard.Shown(realm)} answered {(int)response.StatusCode}", null, response.StatusCode);
        return Read(endpoint, await response.Content.ReadBoundedAsync(MaxTokenBytes, ct));
    }

    private static HttpRequestMessage Ask(Uri realm, TokenScope scope, Credential? credential)
    {
        var query = $"service={Uri.EscapeDataString(scope.Service)}&scope={Uri.EscapeDataString(scope.Scope)}"
            + (credential is null ? "" : "&account=" + Uri.EscapeDataString(credential.User));
        var uri = new UriBuilder(realm) { Query = realm.Query.Length > 1 ? realm.Query[1..] + "&" + query : query };
        var request = new HttpRequestMessage(HttpMethod.Get, uri.Uri);
        if (credential is not null)
            request.Headers.Authorization = Basic(credential);
        return request;
    }

    private static HttpRequestMessage Exchange(Uri realm, TokenScope scope, string identityToken) => new(HttpMethod.Post, realm)
    {
        Content = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = identityToken,
            ["client_id"] = ClientId,
            ["service"] = scope.Service,
            ["scope"] = scope.Scope,
        }),
    };

    public static AuthenticationHeaderValue Basic(Credential credential) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.User}:{credential.Password}")));

    private (string Token, TimeSpan Life) Read(RegistryEndpoint endpoint, byte[]? body)
    {
        try
        {
            using var json = JsonDocument.Parse(body ?? throw new FormatException("it is larger than 1 MiB"));
            var token = json.RootElement.Text("token") ?? json.RootElement.Text("access_token");
            if (string.IsNullOrEmpty(token) || token.AsSpan().ContainsAnyExceptInRange('!', '~'))
                throw new FormatException("it holds no token");
            var life = TimeSpan.FromSeconds(Math.Clamp(json.RootElement.Number("expires_in") ?? 60, 0, 86400));
            var issued = DateTimeOffset.TryParse(json.RootElement.Text("issued_at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                ? at : time.GetUtcNow();
            var age = time.GetUtcNow() - issued;
            return (token, age > TimeSpan.Zero ? life - age : life);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new RegistryException(RegistryRules.OddAnswer, endpoint.Host, "a request for a token", e is JsonException ? "not JSON" : e.Message);
        }
    }
}
