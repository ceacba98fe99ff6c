using System.Net;
using System.Net.Http.Headers;
using Pipeline.Core.Reporting;

namespace Pipeline.Engine.Publishing.GitHub.Api;

/// <summary>
/// Sends requests to one GitHub: its headers, the token (to it alone), redirects by hand, waits for its rate limits,
/// tries again. Thread-safe.
/// </summary>
internal sealed class GitHubTransport : IDisposable
{
    public const string ApiVersion = "2022-11-28";
    private const int MaxTries = 5;
    private const int MaxRedirects = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BodyPatience = TimeSpan.FromMinutes(2);
    private readonly GitHubPlace _place;
    private readonly GitHubSettings _settings;
    private readonly RatePace _pace;
    private readonly HttpClient _client;

    public GitHubTransport(GitHubPlace place, GitHubSettings settings)
    {
        (_place, _settings) = (place, settings);
        _pace = new RatePace(settings.Time, settings.Reporter) { IsCounted = place.IsPublicService };
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = !place.Api.IsLoopback, // no proxy can reach this machine's own loopback
            ConnectTimeout = TimeSpan.FromSeconds(20),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxResponseHeadersLength = 128,
        })
        { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("pipeline/1");
    }

    public GitHubPlace Place => _place;

    public GitHubFailure Failure => new(_place);

    /// <summary>
    /// The answer with its body, unless the call leaves that to the caller, who disposes it. Refusals for the sake of a rate limit are waited out; what may
    /// pass is tried again where the call may be repeated.
    /// </summary>
    /// <exception cref="LostAnswerException">No answer, or one of 500 and above, to a call that must not be repeated blindly.</exception>
    /// <exception cref="HttpRequestException">The host cannot be reached.</exception>
    /// <exception cref="ReleaseRefusedException">The wait that it asks for is too long.</exception>
    public async Task<HttpResponseMessage> SendAsync(GitHubCall call, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (response, lost) = await TryAsync(call, ct);
            if (response is not null && await LimitAsync(response, attempt, ct))
                continue;
            if (lost is null && (int)response!.StatusCode < 500)
                return response;
            lost ??= Failure.Lost(call, response!);
            response?.Dispose();
            if (!call.IsRepeatable || attempt >= MaxTries)
                throw lost;
            await PauseAsync(attempt, lost.Message, ct);
        }
    }

    /// <summary>A pause before something is tried again; a write by whoever looked first.</summary>
    public async Task PauseAsync(int attempt, string why, CancellationToken ct)
    {
        var wait = Backoff(attempt);
        _settings.Reporter.Announce($"{why}; trying again in {Math.Ceiling(wait.TotalSeconds)} s");
        await Task.Delay(wait, _settings.Time, ct);
    }

    public void Dispose()
    {
        _client.Dispose();
        _pace.Dispose();
    }

    /// <summary>One second, then doubling up to half a minute, and up to half as much again.</summary>
    private TimeSpan Backoff(int attempt) => TimeSpan.FromSeconds(Math.Min(30, Math.Pow(2, attempt - 1)) * (1 + (_settings.Chance() / 2)));

    /// <summary>True: it was a refusal for the sake of a limit, and the wait is over.</summary>
    private async Task<bool> LimitAsync(HttpResponseMessage response, int attempt, CancellationToken ct)
    {
        if (RateLimits.AreCounted(response))
            _pace.IsCounted = true;
        var now = _settings.Time.GetUtcNow();
        if (RateLimits.Wait(response, attempt, now) is not { } wait)
            return false;
        response.Dispose();
        if (wait > RateLimits.LongestWait || attempt >= MaxTries)
            throw ReleaseRefusedException.Because(GitHubRules.RateLimited, _place.Api.Host, (now + wait).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss"));
        await _pace.SleepAsync(wait, $"{_place.Api.Host} has reached its rate limit for us", ct);
        return true;
    }

    private async Task<(HttpResponseMessage? Response, HttpRequestException? Lost)> TryAsync(GitHubCall call, CancellationToken ct)
    {
        using var turn = call.Writes ? await _pace.EnterAsync(call, ct) : null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        call.Watch?.Invoke(limit);
        try
        {
            var response = await FollowAsync(call, limit.Token);
            limit.CancelAfter(BodyPatience);
            await FetchBodyAsync(call, response, limit.Token);
            return (response, null);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return (null, new LostAnswerException($"{call.Uri.Host} did not answer within {Patience.TotalSeconds} s", null, null));
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException)
        {
            return (null, new LostAnswerException(Unreachable(call, e), e.InnerException is null ? null : e, null));
        }
    }

    /// <summary>What GitHub says of a refusal is short; a longer word of something in between is of no use.</summary>
    private static async Task FetchBodyAsync(GitHubCall call, HttpResponseMessage response, CancellationToken ct)
    {
        try
        {
            if ((response.IsSuccessStatusCode ? call.BodyLimitBytes : GitHubFailure.LimitBytes) is { } limitBytes)
                await BoundedBody.FetchAsync(response, limitBytes, ct);
        }
        catch (InvalidDataException) when (!response.IsSuccessStatusCode)
        {
            response.Content = new ByteArrayContent([]);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private async Task<HttpResponseMessage> FollowAsync(GitHubCall call, CancellationToken ct)
    {
        var uri = call.Uri;
        for (var hop = 0; hop <= MaxRedirects; hop++)
        {
            var response = await SendOneAsync(call, uri, ct);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
                return response;
            var status = (int)response.StatusCode;
            response.Dispose();
            uri = new Uri(uri, location);
            if (call.Writes && (status is 301 or 302 or 303 || !IsOurs(uri)))
                throw ReleaseRefusedException.Because(GitHubRules.Moved, _place.Name);
            if (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != _place.Api.Scheme)
                throw new HttpRequestException($"{_place.Api.Host} redirects to an address that is not encrypted");
        }
        throw new HttpRequestException($"{_place.Api.Host} redirects more than {MaxRedirects} times");
    }

    private async Task<HttpResponseMessage> SendOneAsync(GitHubCall call, Uri uri, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(call.Method, uri) { Content = call.Content?.Invoke() };
        request.Headers.TryAddWithoutValidation("Accept", call.Accept);
        if (call.ETag is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", call.ETag);
        if (IsOurs(uri))
        {
            request.Headers.Add("X-GitHub-Api-Version", ApiVersion);
            if (_place.Token is { } token)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Reveal());
        }
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
    }

    /// <summary>Of the service that the token is for: the API's own host, and the one beside it that takes uploads.</summary>
    public bool IsOurs(Uri uri)
    {
        var api = _place.Api;
        if (uri.Scheme != api.Scheme || uri.Port != api.Port || uri.UserInfo.Length > 0)
            return false;
        return uri.Host == api.Host || (api.Host.StartsWith("api.", StringComparison.Ordinal) && uri.Host == "uploads." + api.Host["api.".Length..]);
    }

    private static string Unreachable(GitHubCall call, Exception e) => (e as HttpRequestException)?.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => $"{call.Uri.Host} is not known; check the network",
        HttpRequestError.ConnectionError => $"no connection to {call.Uri.Authority}; check the network",
        HttpRequestError.SecureConnectionError => $"TLS with {call.Uri.Host} failed; check the clock and the certificates",
        _ => $"the connection to {call.Uri.Host} broke",
    };
}
