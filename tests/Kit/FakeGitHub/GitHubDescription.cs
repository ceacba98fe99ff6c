using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Pipeline.Kit;

/// <summary>
/// GitHub's own description of its API (OpenAPI 3.0, npm package @octokit/openapi) as a judge of requests and answers.
/// Stricter than the description: a key that it does not know is a complaint.
/// </summary>
public sealed class GitHubDescription
{
    private const string Package = "@octokit/openapi";
    private static readonly Lazy<GitHubDescription> Shared = new(() => new(Npm.File(Package, "generated/api.github.com.json")));

    /// <summary>Not in the description although GitHub does it; see shared facts: an upload that broke is a <c>starter</c>.</summary>
    private static readonly (string Path, string Value)[] Gaps = [(".state", "starter")];

    private readonly JsonElement _root;
    private readonly List<(Regex Path, string Template, JsonElement Item)> _paths;
    private readonly SchemaJudge _schemas;

    private GitHubDescription(string file)
    {
        _root = JsonDocument.Parse(File.ReadAllBytes(file)).RootElement;
        _schemas = new(_root, Gaps);
        _paths = [.. _root.GetProperty("paths").EnumerateObject().Where(p => p.Name.StartsWith("/repos/{owner}/{repo}", StringComparison.Ordinal))
            .OrderBy(p => p.Name.Count(c => c == '{')).Select(p => (Pattern(p.Name), p.Name, p.Value))];
    }

    public static GitHubDescription Instance => Shared.Value;

    /// <summary>What is wrong with a request; empty when nothing is.</summary>
    /// <param name="path">Below the API's root, unescaped: <c>/repos/o/r/releases</c>.</param>
    public IEnumerable<string> Request(string method, string path, IEnumerable<string> query, string? contentType, byte[]? body)
    {
        if (Find(method, path) is not { } operation)
            return [$"{method} {path} is not in the description"];
        var known = operation.TryGetProperty("parameters", out var parameters)
            ? parameters.EnumerateArray().Select(_schemas.Follow).Where(p => p.GetProperty("in").GetString() == "query").ToList() : [];
        var names = query.ToHashSet(StringComparer.Ordinal);
        var complaints = names.Except(known.Select(p => p.GetProperty("name").GetString()!)).Select(n => $"{method} {path}: unknown parameter {n}")
            .Concat(known.Where(p => p.TryGetProperty("required", out var r) && r.GetBoolean()).Select(p => p.GetProperty("name").GetString()!).Except(names).Select(n => $"{method} {path}: parameter {n} is missing"));
        return complaints.Concat(Body(operation, $"{method} {path}", contentType, body));
    }

    /// <summary>What is wrong with an answer. Statuses that the description leaves out for all operations (401, 403, 429, 5xx) have no schema.</summary>
    public IEnumerable<string> Answer(string method, string path, int status, byte[]? body)
    {
        if (status is 304 or 401 or 403 or 429 or >= 500)
            return [];
        if (Find(method, path) is not { } operation)
            return [$"{method} {path} is not in the description"];
        if (!operation.GetProperty("responses").TryGetProperty($"{status}", out var response))
            return status is 404 or 422 ? [] : [$"{method} {path}: answer {status} is not in the description"];
        response = _schemas.Follow(response);
        if (!response.TryGetProperty("content", out var content) || !content.TryGetProperty("application/json", out var json))
            return [];
        return body is null or [] ? [$"{method} {path}: answer {status} has no body"] : _schemas.Judge(JsonDocument.Parse(body).RootElement, json.GetProperty("schema"), $"{method} {path} {status} ");
    }

    /// <summary>An example of the description's own, to be changed and answered with.</summary>
    public JsonNode Example(string name) => JsonNode.Parse(_root.GetProperty("components").GetProperty("examples").GetProperty(name).GetProperty("value").GetRawText())!;

    private IEnumerable<string> Body(JsonElement operation, string name, string? contentType, byte[]? body)
    {
        if (!operation.TryGetProperty("requestBody", out var wanted))
            return body is null or [] ? [] : [$"{name}: a body where none is wanted"];
        var contents = _schemas.Follow(wanted).GetProperty("content");
        if (contents.TryGetProperty("application/json", out var json))
            return contentType?.StartsWith("application/json", StringComparison.Ordinal) == true && body is { Length: > 0 }
                ? _schemas.Judge(JsonDocument.Parse(body).RootElement, json.GetProperty("schema"), $"{name} ") : [$"{name}: no JSON body"];
        return contentType is null ? [$"{name}: no content type"] : [];
    }

    private JsonElement? Find(string method, string path)
    {
        foreach (var (pattern, _, item) in _paths)
        {
            if (pattern.IsMatch(path) && item.TryGetProperty(method.ToLowerInvariant(), out var operation))
                return operation;
        }
        return null;
    }

    /// <summary>A <c>{ref}</c> and a <c>{tag}</c> may hold slashes.</summary>
    private static Regex Pattern(string template) =>
        new("^" + Regex.Replace(Regex.Escape(template), @"\\\{(\w+)}", m => m.Groups[1].Value is "ref" or "tag" or "path" ? ".+" : "[^/]+") + "$", RegexOptions.CultureInvariant);
}
