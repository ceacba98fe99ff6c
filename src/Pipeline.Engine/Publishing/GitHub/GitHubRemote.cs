using System.Text.RegularExpressions;

namespace Pipeline.Engine.Publishing.GitHub;

/// <summary>A repository as a git remote names it, without the user and password that the address may hold.</summary>
public sealed partial record GitHubRemote(string Host, string Owner, string Repository)
{
    /// <summary>GitHub's REST API, as each kind of GitHub has it.</summary>
    public Uri Api => ApiOf(Host);

    /// <summary><c>https://HOST/OWNER/NAME.git</c>, <c>ssh://git@HOST/OWNER/NAME</c>, <c>git@HOST:OWNER/NAME</c>. Null for all else.</summary>
    public static GitHubRemote? TryParse(string url)
    {
        var match = Address().Match(url);
        return match.Success ? new(match.Groups["host"].Value.ToLowerInvariant(), match.Groups["owner"].Value, match.Groups["name"].Value) : null;
    }

    public static Uri ApiOf(string host) => host switch
    {
        "github.com" or "www.github.com" or "ssh.github.com" => new("https://api.github.com/"),
        _ when host.EndsWith(".ghe.com", StringComparison.Ordinal) => new($"https://api.{host}/"),
        _ => new($"https://{host}/api/v3/"),
    };

    [GeneratedRegex(@"\A(?:(?:https?|ssh|git)://(?:[^@/]*@)?(?<host>[A-Za-z0-9.-]+)(?::\d+)?/|(?:[^@/:]+@)?(?<host>[A-Za-z0-9.-]+):(?!/))(?<owner>[A-Za-z0-9][A-Za-z0-9_-]*)/(?<name>[A-Za-z0-9._-]+?)(?:\.git)?/?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Address();
}
