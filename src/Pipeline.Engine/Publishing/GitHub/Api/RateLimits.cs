using System.Globalization;
using System.Net;

namespace Pipeline.Engine.Publishing.GitHub.Api;

/// <summary>What the headers of an answer say of GitHub's rate limits.</summary>
internal static class RateLimits
{
    /// <summary>The window of the primary limit, and a little for clocks that differ.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(65);

    private static readonly TimeSpan Unsaid = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    public static bool AreCounted(HttpResponseMessage response) => Number(response, "x-ratelimit-limit") is > 0;

    /// <summary>How long to wait when this is a refusal for the sake of a limit; null when it is not.</summary>
    /// <param name="attempt">From 1; waits that nobody asks for double.</param>
    public static TimeSpan? Wait(HttpResponseMessage response, int attempt, DateTimeOffset now)
    {
        if (response.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests))
            return null;
        if (RetryAfter(response, now) is { } asked)
            return asked;
        if (Number(response, "x-ratelimit-remaining") == 0 && Number(response, "x-ratelimit-reset") is { } reset and > 0 and < 1L << 40)
            return Later(DateTimeOffset.FromUnixTimeSeconds(reset) - now) + Margin;
        return response.StatusCode == HttpStatusCode.TooManyRequests ? Unsaid * Math.Pow(2, attempt - 1) : null;
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now) => response.Headers.RetryAfter switch
    {
        { Delta: { } seconds } => seconds,
        { Date: { } date } => Later(date - now),
        _ => null,
    };

    private static TimeSpan Later(TimeSpan wait) => wait < TimeSpan.Zero ? TimeSpan.Zero : wait;

    private static long? Number(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values) && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : null;
}
