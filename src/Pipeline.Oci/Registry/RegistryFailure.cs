using System.Net;
using System.Text.Json;
using Pipeline.Oci.Documents;

namespace Pipeline.Oci.Registry;

/// <summary>Turns a registry's refusal into words. What may pass by itself is an <see cref="HttpRequestException"/>, the rest a <see cref="RegistryException"/>.</summary>
internal static class RegistryFailure
{
    private const int MaxErrorBytes = 64 << 10;
    private const int MaxTagBytes = 1 << 20;
    private const int TagsAsked = 1000;
    private const int TagsShown = 8;

    public static async Task<Exception> ExplainManifestAsync(
        RegistryTransport transport, RegistryEndpoint endpoint, HttpResponseMessage response, string selector, CancellationToken ct)
    {
        if (response.StatusCode != HttpStatusCode.NotFound)
            return await ExplainAsync(transport, endpoint, response, ct);
        if (selector.Contains(':'))
            return new RegistryException(RegistryRules.DigestNotFound, endpoint.Name, selector);
        var tags = await TagsAsync(transport, endpoint, ct);
        return tags is null
            ? new RegistryException(RegistryRules.RepositoryNotFound, endpoint.Host, endpoint.Repository)
            : new RegistryException(RegistryRules.TagNotFound, endpoint.Name, selector, Hint(tags, selector));
    }

    /// <summary>Any status but "not found".</summary>
    public static async Task<Exception> ExplainAsync(
        RegistryTransport transport, RegistryEndpoint endpoint, HttpResponseMessage response, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        if (status is 401 or 403)
        {
            return await transport.SignedInFromAsync(endpoint, ct) is { } origin
                ? new RegistryException(RegistryRules.Denied, endpoint.Host, endpoint.Repository, origin)
                : new RegistryException(RegistryRules.AuthenticationRequired, endpoint.Host, endpoint.Repository);
        }
        if (status == 429)
            return new HttpRequestException(RateLimited(transport, endpoint, response), null, response.StatusCode);
        if (RetryPolicy.IsPassing(response.StatusCode) || status >= 500)
            return new HttpRequestException($"{endpoint.Host} answered {status} again and again; try later", null, response.StatusCode);
        return new RegistryException(RegistryRules.OddAnswer, endpoint.Host, status, await CodesAsync(response, ct));
    }

    private static string RateLimited(RegistryTransport transport, RegistryEndpoint endpoint, HttpResponseMessage response)
    {
        var limit = response.Headers.TryGetValues("ratelimit-limit", out var values) ? $" ({values.First().Split(';')[0]} requests)" : "";
        var reset = transport.Retry.RetryAfter(response) is { } wait
            ? $"it asks to wait until {transport.Retry.Now + wait:yyyy-MM-dd HH:mm:ss} UTC"
            : "it does not say for how long; signing in raises the limit";
        return $"{endpoint.Host} has reached its rate limit for us{limit}; {reset}";
    }

    /// <summary>The error codes of the distribution-spec; free text of a registry is not repeated, as it may hold anything.</summary>
    private static async Task<string> CodesAsync(HttpResponseMessage response, CancellationToken ct)
    {
        try
        {
            using var json = JsonDocument.Parse(await response.Content.ReadBoundedAsync(MaxErrorBytes, ct) ?? []);
            var codes = json.RootElement.Items("errors", 100).Select(e => e.Text("code") ?? "")
                .Where(c => c.Length is > 0 and < 40 && c.All(l => char.IsAsciiLetterUpper(l) || l == '_'));
            return string.Join(", ", codes.DefaultIfEmpty("no error code"));
        }
        catch (Exception e) when (e is JsonException or FormatException or IOException or HttpRequestException or InvalidOperationException)
        {
            return "no error code";
        }
    }

    /// <summary>The tags there are; null where the registry does not know the repository. Nothing here may hide the first failure.</summary>
    private static async Task<List<string>?> TagsAsync(RegistryTransport transport, RegistryEndpoint endpoint, CancellationToken ct)
    {
        try
        {
            using var response = await transport.SendAsync(new(HttpMethod.Get, endpoint, endpoint.Tags(TagsAsked)), ct);
            if (!response.IsSuccessStatusCode)
                return response.StatusCode == HttpStatusCode.NotFound ? null : [];
            using var json = JsonDocument.Parse(await response.Content.ReadBoundedAsync(MaxTagBytes, ct) ?? []);
            return [.. json.RootElement.Items("tags", TagsAsked * 10).Select(t => t.GetString() ?? "").Where(t => t.Length is > 0 and <= 128 && !t.Any(char.IsControl))];
        }
        catch (Exception e) when (e is HttpRequestException or RegistryException or JsonException or FormatException or IOException or InvalidOperationException)
        {
            return [];
        }
    }

    /// <summary>The tags that begin most like the wanted one.</summary>
    private static string Hint(List<string> tags, string wanted)
    {
        if (tags.Count == 0)
            return "; check the spelling";
        var near = tags.OrderByDescending(t => t.Zip(wanted).TakeWhile(p => p.First == p.Second).Count()).ThenBy(t => t, StringComparer.Ordinal).Take(TagsShown);
        return $"; it has {string.Join(", ", near)}" + (tags.Count > TagsShown ? $" and {tags.Count - TagsShown} more" : "");
    }
}
