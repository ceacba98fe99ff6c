using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Oci.Registry.Auth;

namespace Pipeline.Oci.Registry;

/// <summary>One request of the pull API.</summary>
/// <param name="Accept">Null sends none.</param>
/// <param name="FromByte">Above 0 the rest of a blob is asked for.</param>
internal sealed record RegistryCall(HttpMethod Method, RegistryEndpoint Endpoint, Uri Uri, string? Accept = null, long FromByte = 0)
{
    /// <summary>A body, made anew for each try; null sends none. What has one is tried once: its caller looks before it acts again.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>The body of a good answer is small and comes with it; where it breaks off the request is tried again. Null leaves it to the caller.</summary>
    public int? BodyLimitBytes { get; init; }

    /// <summary>Told the limit on the wait for an answer, which it may move on while a body goes out.</summary>
    public Action<CancellationTokenSource>? Watch { get; init; }
}

/// <summary>
/// Sends requests to registries: signs in, follows redirects by hand (what was meant for a registry goes nowhere else),
/// tries again. Owns the connections and the tokens. Thread-safe.
/// </summary>
internal sealed class RegistryTransport : IDisposable
{
    private const int MaxRedirects = 10;
    private const int MaxSignIns = 3;
    private const int MaxWarningLength = 4096;
    private const int RequestsPerHost = 6;
    private static readonly TimeSpan HeaderLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, Lazy<HttpClient>> _clients = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, AuthChallenge> _challenges = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _warnings = new(StringComparer.Ordinal);
    private readonly RegistryTable _table;
    private readonly CredentialStore _credentials;
    private readonly IReporter _reporter;
    private readonly TokenSource _tokens;

    public RegistryTransport(RegistryTable table, CredentialStore credentials, IReporter reporter, TimeProvider time)
    {
        (_table, _credentials, _reporter) = (table, credentials, reporter);
        _tokens = new TokenSource((request, ct) => SendOneAsync(request, null, ct), time);
        Retry = new RetryPolicy(time, reporter);
    }

    public RetryPolicy Retry { get; }

    /// <summary>The answer, whatever its status; its body is not read yet. The caller disposes it.</summary>
    /// <exception cref="HttpRequestException">The host cannot be reached.</exception>
    /// <exception cref="RegistryException">Something unsafe was asked of us, or signing in was refused.</exception>
    public async Task<HttpResponseMessage> SendAsync(RegistryCall call, CancellationToken ct)
    {
        var gate = _gates.GetOrAdd(call.Endpoint.Root.Authority, _ => new SemaphoreSlim(RequestsPerHost));
        // A courtesy to the registry, not a lock: whoever waited long enough goes on.
        var entered = await gate.WaitAsync(Courtesy, ct);
        try
        {
            var response = call.Content is null
                ? await Retry.SendAsync(call.Endpoint.Host, () => SendWholeAsync(call, ct), ct)
                : await SignInAndSendAsync(call, ct);
            ShowWarnings(call.Endpoint.Host, response);
            return response;
        }
        finally
        {
            if (entered)
                gate.Release();
        }
    }

    /// <summary>Who requests for this repository were signed as, for messages; null is nobody.</summary>
    public async Task<string?> SignedInFromAsync(RegistryEndpoint endpoint, CancellationToken ct) =>
        (await _credentials.FindAsync(endpoint.Name, ct))?.Origin;

    public void Dispose()
    {
        foreach (var client in _clients.Values)
            client.Value.Dispose();
    }

    private async Task<HttpResponseMessage> SendWholeAsync(RegistryCall call, CancellationToken ct)
    {
        var response = await SignInAndSendAsync(call, ct);
        try
        {
            if (call.BodyLimitBytes is { } limit && response.IsSuccessStatusCode)
                await response.BufferAsync(limit, ct);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private async Task<HttpResponseMessage> SignInAndSendAsync(RegistryCall call, CancellationToken ct)
    {
        var attempt = await KnownAsync(call.Endpoint, ct);
        for (var signIns = 0; ; signIns++)
        {
            var response = await FollowAsync(call, attempt?.Header, ct);
            if (response.StatusCode != HttpStatusCode.Unauthorized || signIns >= MaxSignIns || !IsSameHost(response.RequestMessage!.RequestUri!, call.Endpoint.Root))
                return response;
            var next = await AnswerAsync(call.Endpoint, response, attempt, ct);
            if (next is null)
                return response;
            response.Dispose();
            attempt = next;
        }
    }

    /// <summary>What worked for this repository before, if that still holds.</summary>
    private async Task<SignIn?> KnownAsync(RegistryEndpoint endpoint, CancellationToken ct)
    {
        if (!_challenges.TryGetValue(Key(endpoint), out var challenge))
            return null;
        if (challenge.IsBasic)
            return await _credentials.FindAsync(endpoint.Name, ct) is { } credential ? new SignIn(TokenSource.Basic(credential), null, false) : null;
        var scope = ScopeOf(challenge, endpoint);
        return _tokens.Known(scope) is { } token ? new SignIn(new("Bearer", token), scope, false) : null;
    }

    /// <summary>Answers a 401. Null when it was answered already in the same way: then it means no.</summary>
    private async Task<SignIn?> AnswerAsync(RegistryEndpoint endpoint, HttpResponseMessage response, SignIn? last, CancellationToken ct)
    {
        var challenges = AuthChallenge.Parse(response.Headers.TryGetValues("WWW-Authenticate", out var values) ? values : []);
        var credential = await _credentials.FindAsync(endpoint.Name, ct);
        if (challenges.FirstOrDefault(c => c.IsBearer && c["realm"] is not null) is { } bearer)
        {
            var scope = ScopeOf(bearer, endpoint);
            if (last is { IsFresh: true } && (last.Scope == scope || bearer["error"] != "insufficient_scope"))
                return null;
            if (last is { Scope: not null })
                _tokens.Forget(last.Scope, last.Header.Parameter!);
            var token = await _tokens.GetAsync(endpoint, scope, credential, ct);
            _challenges[Key(endpoint)] = bearer;
            return new SignIn(new("Bearer", token), scope, true);
        }
        if (credential is null || last is not null || !challenges.Any(c => c.IsBasic))
            return null;
        _challenges[Key(endpoint)] = challenges.First(c => c.IsBasic);
        return new SignIn(TokenSource.Basic(credential), null, true);
    }

    private static TokenScope ScopeOf(AuthChallenge challenge, RegistryEndpoint endpoint) =>
        new(challenge["realm"]!, challenge["service"] ?? "", challenge["scope"] is { Length: > 0 } scope ? scope : $"repository:{endpoint.Repository}:pull");

    private async Task<HttpResponseMessage> FollowAsync(RegistryCall call, AuthenticationHeaderValue? authorization, CancellationToken ct)
    {
        var uri = call.Uri;
        for (var hop = 0; hop <= MaxRedirects; hop++)
        {
            using var request = new HttpRequestMessage(call.Method, uri) { Content = call.Content?.Invoke() };
            if (call.Accept is not null)
                request.Headers.TryAddWithoutValidation("Accept", call.Accept);
            if (call.FromByte > 0)
                request.Headers.Range = new RangeHeaderValue(call.FromByte, null);
            if (IsSameHost(uri, call.Endpoint.Root))
                request.Headers.Authorization = authorization;
            var response = await SendOneAsync(request, call.Watch, ct);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
                return response;
            response.Dispose();
            uri = new Uri(uri, location);
            if (RedirectGuard.Complaint(call.Endpoint, uri) is { } complaint)
                throw new RegistryException(RegistryRules.UnsafeRedirect, call.Endpoint.Host, RedirectGuard.Shown(uri), complaint);
        }
        throw new RegistryException(RegistryRules.TooManyRedirects, call.Endpoint.Host, MaxRedirects);
    }

    /// <summary>Sends one request and reads the head of the answer. No redirects, no second try.</summary>
    private async Task<HttpResponseMessage> SendOneAsync(HttpRequestMessage request, Action<CancellationTokenSource>? watch, CancellationToken ct)
    {
        var uri = request.RequestUri!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(HeaderLimit);
        watch?.Invoke(limit);
        try
        {
            return await ClientFor(uri).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new HttpRequestException($"{uri.Authority} did not answer within {HeaderLimit.TotalSeconds} s");
        }
        catch (HttpRequestException e)
        {
            throw new HttpRequestException(e.HttpRequestError, $"{uri.Authority} cannot be reached: {Reason(e)}", e);
        }
    }

    private static string Reason(HttpRequestException e) => e.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "its name is not known; check the spelling and the network",
        HttpRequestError.ConnectionError => "no connection; check the port and the network",
        HttpRequestError.SecureConnectionError => "TLS failed; check the clock, the certificate (caFile), or allow plain HTTP for it",
        HttpRequestError.ResponseEnded => "it closed the connection",
        _ => e.HttpRequestError.ToString(),
    };

    private HttpClient ClientFor(Uri uri)
    {
        var caFile = _table.OfAuthority(uri.Authority)?.CaFile;
        var isLoopback = RegistryEndpoint.IsLoopback(uri.Authority);
        return _clients.GetOrAdd($"{isLoopback} {caFile}", _ => new Lazy<HttpClient>(() => CreateClient(uri, isLoopback, caFile))).Value;
    }

    private static HttpClient CreateClient(Uri uri, bool isLoopback, string? caFile)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = !isLoopback, // no proxy can reach this machine's own loopback
            AutomaticDecompression = DecompressionMethods.None, // digests are of the bytes as they are sent
            ConnectTimeout = TimeSpan.FromSeconds(20),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxResponseHeadersLength = 128,
        };
        if (caFile is not null)
            handler.SslOptions.CertificateChainPolicy = Trust(uri, caFile);
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("pipeline/1");
        return client;
    }

    private static X509ChainPolicy Trust(Uri uri, string caFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(caFile);
        }
        catch (Exception e) when (e is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new RegistryException(RegistryRules.CaFile, caFile, uri.Authority);
        }
        return policy.CustomTrustStore.Count > 0 ? policy : throw new RegistryException(RegistryRules.CaFile, caFile, uri.Authority);
    }

    private void ShowWarnings(string host, HttpResponseMessage response)
    {
        foreach (var text in response.Headers.Warning.Where(w => w.Code == 299).Select(w => w.Text.Trim('"')))
        {
            var shown = new string([.. text.Take(MaxWarningLength).Select(c => char.IsControl(c) ? ' ' : c)]);
            if (_warnings.Count < MaxWarningLength && _warnings.TryAdd($"{host} {shown}", true))
                _reporter.Diagnose(Diagnostic.Create(RegistryRules.RegistryWarns, null, host, shown));
        }
    }

    private static bool IsSameHost(Uri a, Uri b) => a.Scheme == b.Scheme && a.Authority == b.Authority;

    private static string Key(RegistryEndpoint endpoint) => endpoint.Root.Authority + "/" + endpoint.Repository;

    /// <param name="Scope">Of a bearer token; null for Basic.</param>
    /// <param name="IsFresh">Made for this very request, so that a refusal of it is a refusal.</param>
    private sealed record SignIn(AuthenticationHeaderValue Header, TokenScope? Scope, bool IsFresh);
}
