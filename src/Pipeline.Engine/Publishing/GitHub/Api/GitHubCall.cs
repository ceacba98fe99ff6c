using System.Net;

namespace Pipeline.Engine.Publishing.GitHub.Api;

/// <summary>One request.</summary>
/// <param name="Purpose">What it is for, as part of a sentence: <c>list the releases of acme/images</c>.</param>
internal sealed record GitHubCall(HttpMethod Method, Uri Uri, string Purpose)
{
    public string Accept { get; init; } = "application/vnd.github+json, application/json";

    /// <summary>A body, made anew for each try; null sends none.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>Answer 304 where it still is this.</summary>
    public string? ETag { get; init; }

    /// <summary>
    /// The body of an answer belongs to it: one that breaks off is a lost answer. Null leaves the body to the caller, who reads a file.
    /// </summary>
    public int? BodyLimitBytes { get; init; } = GitHubApi.MaxDocumentBytes;

    /// <summary>
    /// Doing it twice is doing it once: it is tried again when the answer is lost. Otherwise whoever asked must look first
    /// what became of it.
    /// </summary>
    public bool IsRepeatable { get; init; } = true;

    /// <summary>Counts into the limits on making content.</summary>
    public bool MakesContent => Method == HttpMethod.Post;

    public bool Writes => Method != HttpMethod.Get;

    /// <summary>Nothing moved for this long: the connection is dead. Uploads move it on.</summary>
    public Action<CancellationTokenSource>? Watch { get; init; }
}

/// <summary>The answer is lost: it may have been done or not.</summary>
internal sealed class LostAnswerException(string message, Exception? inner, HttpStatusCode? status) : HttpRequestException(message, inner, status);
