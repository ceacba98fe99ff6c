using System.Net;
using System.Text.Json;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Publishing.GitHub.Api;

/// <summary>GitHub's refusals in the user's words. What it says itself is shown in one short line, without the token.</summary>
internal sealed class GitHubFailure(GitHubPlace place)
{
    public const int LimitBytes = 64 << 10;
    private const int ShownCharacters = 200;

    public LostAnswerException Lost(GitHubCall call, HttpResponseMessage response) =>
        new($"{call.Uri.Host} answered {(int)response.StatusCode}", null, response.StatusCode);

    /// <summary>Any answer that is no success.</summary>
    public async Task<Exception> ExplainAsync(GitHubCall call, HttpResponseMessage response, CancellationToken ct)
    {
        var errors = await ReadAsync(response, ct);
        var origin = place.Token?.Origin ?? "nobody";
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized when place.Token is null => Refuse(GitHubRules.NoToken, place.Api.Host),
            HttpStatusCode.Unauthorized => Refuse(GitHubRules.TokenRefused, place.Api.Host, origin),
            _ when place.Token is null && call.Writes => Refuse(GitHubRules.NoToken, place.Api.Host),
            HttpStatusCode.Forbidden => Refuse(GitHubRules.Forbidden, place.Api.Host, origin, call.Purpose, Text(errors)),
            HttpStatusCode.NotFound or HttpStatusCode.Gone => Refuse(GitHubRules.NotFound, place.Api.Host, call.Purpose),
            HttpStatusCode.UnprocessableEntity => Refuse(GitHubRules.Invalid, place.Api.Host, call.Purpose, Text(errors)),
            { } status => Refuse(GitHubRules.Invalid, place.Api.Host, call.Purpose, $"{(int)status} {Text(errors)}"),
        };
    }

    public static bool IsAlreadyThere(GitHubErrors errors) => errors.Errors?.Any(e => e.Code == "already_exists") ?? false;

    public static bool Names(GitHubErrors errors, string field) => errors.Errors?.Any(e => e.Field == field) ?? false;

    public static async Task<GitHubErrors> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        try
        {
            var body = await BoundedBody.ReadAsync(response.Content, LimitBytes, ct);
            return JsonSerializer.Deserialize(body, GitHubErrorContext.Default.GitHubErrors) ?? new(null);
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException or NotSupportedException)
        {
            return new(null);
        }
    }

    public string Text(GitHubErrors errors)
    {
        var details = (errors.Errors ?? []).Select(e => e.Message ?? string.Join(' ', new[] { e.Resource, e.Field, e.Code }.Where(t => t is not null)));
        var text = string.Join("; ", details.Prepend(errors.Message).Where(t => !string.IsNullOrEmpty(t)));
        var line = new string([.. text.Take(4 * ShownCharacters).Select(c => char.IsControl(c) ? ' ' : c)]);
        line = place.Token?.Scrub(line) ?? line;
        return line.Length switch { 0 => "without a word", > ShownCharacters => line[..ShownCharacters] + "…", _ => line };
    }

    private static ReleaseRefusedException Refuse(Rule rule, params object?[] arguments) => ReleaseRefusedException.Because(rule, arguments);
}
