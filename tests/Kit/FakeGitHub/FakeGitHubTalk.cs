using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Kit;

/// <summary>Pull requests, comments and workflows. What we never look at is as in the examples of GitHub's description.</summary>
internal static class FakeGitHubTalk
{
    private const string RepositoryPath = $"/repos/{FakeGitHub.Owner}/{FakeGitHub.Repository}";

    /// <summary>Null where it is something else.</summary>
    public static FakeAnswer? Route(FakeGitHubState state, GitHubRequest request, IQueryCollection query, byte[] body)
    {
        var path = request.Path[RepositoryPath.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (request.Method, path) switch
        {
            ("GET", ["pulls"]) => FakeGitHubApi.Paged(request, query, [.. state.PullRequests.Where(p => query["head"] == p.Branch).Select(Show)]),
            ("GET", ["issues", var number, "comments"]) => FakeGitHubApi.Paged(request, query, [.. state.Comments.Where(c => $"{c.Number}" == number).Select(c => Show(state, c))]),
            ("POST", ["issues", var number, "comments"]) => Add(state, int.Parse(number), Text(body)),
            ("PATCH", ["issues", "comments", var id]) => Change(state, id, Text(body)),
            ("GET", ["actions", "workflows"]) => FakeAnswer.Of(200, new JsonObject
            {
                ["total_count"] = state.Workflows.Count,
                ["workflows"] = new JsonArray([.. state.Workflows.Select(w => Show(state, w.Key, w.Value))]),
            }),
            _ => null,
        };
    }

    private static string Text(byte[] body) => (string)JsonNode.Parse(body)!["body"]!;

    private static FakeAnswer Add(FakeGitHubState state, int number, string text)
    {
        if (!state.PullRequests.Exists(p => p.Number == number))
            return FakeAnswer.Error(404, "Not Found");
        if (text.Length > 65_536)
            return FakeAnswer.Invalid("IssueComment", "body", "too_long");
        var comment = new FakeComment(state.NextId(), number, text, IsOurs: true);
        state.Comments.Add(comment);
        return FakeAnswer.Of(201, Show(state, comment));
    }

    private static FakeAnswer Change(FakeGitHubState state, string id, string text)
    {
        var at = state.Comments.FindIndex(c => $"{c.Id}" == id);
        if (at < 0)
            return FakeAnswer.Error(404, "Not Found");
        if (!state.Comments[at].IsOurs)
            return FakeAnswer.Error(403, "Must have admin rights to Repository.");
        state.Comments[at] = state.Comments[at] with { Body = text };
        return FakeAnswer.Of(200, Show(state, state.Comments[at]));
    }

    private static JsonNode Show(FakePullRequest pull)
    {
        var json = GitHubDescription.Instance.Example("pull-request-simple-items")[0]!.DeepClone();
        (json["number"], json["state"]) = (pull.Number, "open");
        // Where the example does not keep to its own schema.
        json["requested_teams"] = new JsonArray();
        foreach (var key in (string[])["template_repository", "subscribers_count", "network_count"])
            _ = json["head"]!["repo"]!.AsObject().Remove(key) & json["base"]!["repo"]!.AsObject().Remove(key);
        (json["head"]!["label"], json["head"]!["ref"], json["head"]!["sha"]) = (pull.Branch, pull.Branch.Split(':')[1], pull.Commit);
        return json;
    }

    private static JsonNode Show(FakeGitHubState state, FakeComment comment)
    {
        var json = GitHubDescription.Instance.Example("issue-comment").DeepClone();
        (json["id"], json["body"], json["html_url"]) = (comment.Id, comment.Body, $"{state.Root}/pull/{comment.Number}#issuecomment-{comment.Id}");
        return json;
    }

    private static JsonNode Show(FakeGitHubState state, string name, string workflowState)
    {
        var json = GitHubDescription.Instance.Example("workflow-paginated")["workflows"]![0]!.DeepClone();
        (json["name"], json["path"], json["state"]) = (name, $".github/workflows/{name}.yml", workflowState);
        json["html_url"] = $"{state.Root}/actions/workflows/{name}.yml";
        return json;
    }
}
