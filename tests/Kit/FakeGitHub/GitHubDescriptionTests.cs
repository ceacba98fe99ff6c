using System.Text;
using Shouldly;
using Xunit;

namespace Pipeline.Kit;

/// <summary>The judge of requests and answers says no to each kind of mistake.</summary>
public sealed class GitHubDescriptionTests
{
    private const string Releases = "/repos/acme/images/releases";

    [Theory]
    [InlineData("a sound one", "POST", Releases, """{"tag_name":"a-1","draft":true}""", null)]
    [InlineData("a planted wrong key", "POST", Releases, """{"tag_name":"a-1","tagname":"a-1"}""", ".tagname is not known")]
    [InlineData("a missing key", "POST", Releases, """{"draft":true}""", ".tag_name is missing")]
    [InlineData("a boolean that is a text", "POST", Releases, """{"tag_name":"a-1","draft":"true"}""", ".draft: String, expected boolean")]
    [InlineData("a text that is a boolean", "PATCH", Releases + "/1", """{"make_latest":true}""", ".make_latest: True, expected string")]
    [InlineData("a word that is none", "PATCH", Releases + "/1", """{"make_latest":"yes"}""", "'yes' is none of")]
    [InlineData("no body", "POST", Releases, null, "no JSON body")]
    [InlineData("an operation that is none", "PUT", Releases, null, "is not in the description")]
    public void Requests(string what, string method, string path, string? body, string? complaint) =>
        ShouldSay(what, GitHubDescription.Instance.Request(method, path, [], "application/json", body is null ? null : Encoding.UTF8.GetBytes(body)), complaint);

    [Theory]
    [InlineData("a parameter that is none", new[] { "perpage" }, "unknown parameter perpage")]
    [InlineData("sound ones", new[] { "per_page", "page" }, null)]
    public void Parameters(string what, string[] query, string? complaint) =>
        ShouldSay(what, GitHubDescription.Instance.Request("GET", Releases, query, null, null), complaint);

    [Theory]
    [InlineData("as it is", "\"draft\":true", "\"draft\":true", null)]
    [InlineData("a planted wrong key", "\"draft\":true", "\"draft\":true,\"planted\":1", ".planted is not known")]
    [InlineData("a missing key", "\"draft\":true,", "", ".draft is missing")]
    [InlineData("null where none may be", "\"id\":1001", "\"id\":null", ".id: null")]
    [InlineData("no time", "T12:00:00Z", " at noon", "is no date-time")]
    public void Answers(string what, string old, string now, string? complaint)
    {
        var state = new FakeGitHubState("http://127.0.0.1:1", "acme", "images");
        var release = state.Add("a-20261121.0", "text", isDraft: true);
        state.AddAsset(release, "a.img", [1], "starter");
        var json = state.Show(release).ToJsonString();
        json.ShouldContain(old);
        ShouldSay(what, GitHubDescription.Instance.Answer("POST", Releases, 201, Encoding.UTF8.GetBytes(json.Replace(old, now, StringComparison.Ordinal))), complaint);
    }

    private static void ShouldSay(string what, IEnumerable<string> complaints, string? expected)
    {
        var all = string.Join('\n', complaints);
        if (expected is null)
            all.ShouldBeEmpty(what);
        else
            all.ShouldContain(expected, Case.Sensitive, what);
    }
}
