using System.CommandLine;
using Pipeline.Engine.Reconciling.Shares;

namespace Pipeline.Cli;

/// <summary>The options that several verbs know. One object each for the whole command tree.</summary>
internal sealed class CommonOptions
{
    public Option<bool> Json { get; } = new("--json") { Description = "Print one JSON object per line, for machines", Recursive = true };

    public Option<bool> GitHub { get; } = new("--github") { Description = "Print mistakes as annotations of GitHub Actions (automatic where GITHUB_ACTIONS=true)", Recursive = true };

    public Option<bool> NoColor { get; } = new("--no-color") { Description = "No colours (also with NO_COLOR set, or TERM=dumb)", Recursive = true };

    public Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "Print mistakes and results only", Recursive = true };

    public Option<bool> Verbose { get; } = new("--verbose", "-v") { Description = "Also say when each piece of work begins", Recursive = true };

    public Option<string?> Repository { get; } = new("--repo") { HelpName = "DIR", Description = "The repository of manifests (default: the one around the current directory)" };

    public Option<string?> Ref { get; } = new("--ref") { HelpName = "COMMIT-ISH", Description = "Read the manifests at this branch, tag or commit of git, without touching the work tree" };

    public Option<bool> Fetch { get; } = new("--fetch") { Description = "With --ref REMOTE/BRANCH: let git fetch from that remote first; with --watch in each round" };

    public Option<Share?> Share { get; } = new("--share")
    {
        HelpName = "INDEX/COUNT",
        Description = "Only this machine's part of the work, counted from 0, such as 0/3; 'auto' takes it from Slurm, Kubernetes or PIPELINE_SHARE",
        CustomParser = result =>
        {
            if (Engine.Reconciling.Shares.Share.TryParse(result.Tokens.Count == 1 ? result.Tokens[0].Value : "", Environment.GetEnvironmentVariable, out var share, out var problem))
                return share;
            result.AddError(problem);
            return null;
        },
    };

    public Option<string[]?> Targets { get; } = new("--targets")
    {
        HelpName = "IDS",
        Description = "With --share: build these targets, as 'plan --matrix' gave them to the share, with spaces between; nothing is cut anew",
        CustomParser = result => [.. result.Tokens.SelectMany(t => t.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
    };

    public Option<string?> Cache { get; } = new("--cache") { HelpName = "DIR", Description = "Where downloads are kept (default: $XDG_CACHE_HOME/pipeline or ~/.cache/pipeline)" };

    public Option<bool> Offline { get; } = new("--offline") { Description = "Ask no registry; what the cache holds must do" };

    public Option<string[]> Boards { get; } = new("--board", "-b") { HelpName = "BOARD", Description = "Only for this board; may be repeated", DefaultValueFactory = _ => [] };

    public Option<bool> Force { get; } = new("--force", "-f") { Description = "Build also what is current" };

    public Option<int?> Parallel { get; } = new("--parallel") { HelpName = "N", Description = "Build at most N images side by side (default: by cores and memory)" };

    public Option<string?> Releases { get; } = new("--releases") { HelpName = "WHERE", Description = "Where releases are, in place of what pipeline.yaml says: a directory, github, or registry:HOST/PATH" };

    public Option<string?> Summary { get; } = new("--summary") { HelpName = "FILE", Description = "Also append a summary in Markdown to FILE, such as \"$GITHUB_STEP_SUMMARY\"" };

    public Option<bool> VerifyDiffIds { get; } = new("--verify-diff-ids") { Description = "Also prove the digests of the unpacked layers" };

    public Argument<string[]> Images { get; } = new("IMAGE") { HelpName = "IMAGE", Arity = ArgumentArity.ZeroOrMore, Description = "Names of images; none is all of them" };

    public CommonOptions()
    {
        Parallel.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var count) && count < 1)
                result.AddError($"--parallel is {count}, expected 1 or more");
        });
        Images.CompletionSources.Add(_ => NameCompletions.Images());
        Boards.CompletionSources.Add(_ => NameCompletions.Boards());
    }

    /// <summary>Those that belong to the root and so to every verb.</summary>
    public IEnumerable<Option> Everywhere => [Json, GitHub, NoColor, Quiet, Verbose];
}
