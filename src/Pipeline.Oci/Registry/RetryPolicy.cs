using System.Net;
using System.Security.Cryptography;
using Pipeline.Core.Reporting;

namespace Pipeline.Oci.Registry;

/// <summary>
/// Tries again what may work a moment later, a few times and ever more slowly; a registry that says when is believed.
/// Waits go by the given clock.
/// </summary>
internal sealed class RetryPolicy(TimeProvider time, IReporter reporter)
{
    private const int MaxTries = 5;
    private const int MaxConnectionTries = 3; // a host that is down must not hold up the others' look-ups for a minute
    private static readonly TimeSpan LongestAskedWait = TimeSpan.FromMinutes(2);

    public DateTimeOffset Now => time.GetUtcNow();

    /// <param name="why">Shown to the user.</param>
    public async Task WaitAsync(TimeSpan wait, string why, CancellationToken ct)
    {
        reporter.Announce($"{why}; trying again in {Math.Ceiling(wait.TotalSeconds)} s");
        await Task.Delay(wait, time, ct);
    }

    public async Task<HttpResponseMessage> SendAsync(string host, Func<Task<HttpResponseMessage>> send, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan wait;
            string why;
            try
            {
                var response = await send();
                var asked = RetryAfter(response) ?? Backoff(attempt);
                if (!IsPassing(response.StatusCode) || attempt >= MaxTries || asked > LongestAskedWait)
                    return response;
                (wait, why) = (asked, $"{host} answered {(int)response.StatusCode}");
                response.Dispose();
            }
            catch (HttpRequestException e) when (attempt < TriesAfter(e))
            {
                (wait, why) = (Backoff(attempt), e.HttpRequestError == HttpRequestError.ResponseEnded ? $"{host} closed the connection" : $"{host} cannot be reached");
            }
            await WaitAsync(wait, why, ct);
        }
    }

    /// <summary>One second, then three times as long each time, up to a minute, and up to a tenth more so that many do not return at once.</summary>
    public static TimeSpan Backoff(int attempt)
    {
        var milliseconds = Math.Min(60_000, 1000 * Math.Pow(3, attempt - 1));
        // Chance is right here: it spreads requests and never reaches an output.
        return TimeSpan.FromMilliseconds(milliseconds + RandomNumberGenerator.GetInt32(1 + ((int)milliseconds / 10)));
    }

    /// <summary>How long the answer asks to wait, in either form of the header; null where it does not.</summary>
    public TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date is { } date ? date - time.GetUtcNow() : null);
        return wait is { } asked && asked < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    public static bool IsPassing(HttpStatusCode status) => (int)status is 408 or 429 or 500 or 502 or 503 or 504;

    /// <summary>The connection failed in a way that may pass; a status is an answer, which <see cref="SendAsync"/> has tried often enough.</summary>
    public static bool IsPassing(HttpRequestException e) => e.StatusCode is null && TriesAfter(e) > 0;

    private static int TriesAfter(HttpRequestException e) => e switch
    {
        { StatusCode: { } status } => IsPassing(status) ? MaxTries : 0,
        { HttpRequestError: HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError or HttpRequestError.UserAuthenticationError } => 0,
        _ => MaxConnectionTries,
    };
}
