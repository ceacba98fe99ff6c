using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Pipeline.Kit;

/// <summary>How a job ended.</summary>
/// <param name="Output">Of all steps.</param>
public sealed record JobResult(bool IsGood, string Output, string Summary);

/// <summary>
/// Runs the steps of a job as a runner of GitHub Actions does: bash for <c>run</c>, expressions filled in from a list (one
/// that is not in the list is an error), later steps left out after a failure unless they say otherwise. Actions that take
/// and give files between jobs are done by copying; checkout and set-up are done already.
/// </summary>
/// <param name="directory">The checkout.</param>
/// <param name="shared">Where artifacts lie between jobs.</param>
public sealed partial class WorkflowRun(string directory, string shared)
{
    /// <summary>What <c>${{ … }}</c> stands for.</summary>
    public Dictionary<string, string> Expressions { get; } = new(StringComparer.Ordinal)
    {
        ["!cancelled()"] = "true",
    };

    public Dictionary<string, string?> Environment { get; } = new(StringComparer.Ordinal);

    public JobResult Run(IReadOnlyList<WorkflowStep> steps)
    {
        using var temp = new TempDir();
        var (summary, output, isGood) = (temp["summary.md"], "", true);
        File.WriteAllText(summary, "");
        Environment["GITHUB_STEP_SUMMARY"] = summary;
        Environment["RUNNER_TEMP"] = temp.Path;
        Expressions["runner.temp"] = temp.Path;
        foreach (var step in steps)
        {
            if (!(step.If is null ? isGood : Fill(step.If) == "true"))
                continue;
            var (stepIsGood, said) = step.Run is null ? Use(step) : Bash(step);
            output += said;
            isGood &= stepIsGood;
        }
        return new(isGood, output, File.ReadAllText(summary));
    }

    private (bool, string) Bash(WorkflowStep step)
    {
        var start = new ProcessStartInfo("bash", ["-e", "-c", step.Run!]) { WorkingDirectory = directory };
        foreach (var (name, value) in Environment.Concat(step.Env.Select(e => KeyValuePair.Create(e.Key, (string?)Fill(e.Value)))))
        {
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        }
        if (step.Run!.Contains("${{", StringComparison.Ordinal))
            throw new InvalidOperationException($"the step '{step.Name}' has an expression inside its script, where its value could be taken for a command");
        var run = Tool.Run(start);
        return (run.ExitCode == 0, run.Output);
    }

    private (bool, string) Use(WorkflowStep step)
    {
        switch (step.Uses!.Split('@')[0])
        {
            case "actions/upload-artifact":
                Copy(Path.Combine(directory, Fill(step.With["path"])), Path.Combine(shared, Fill(step.With["name"])));
                return (true, "");
            case "actions/download-artifact":
                var target = Directory.CreateDirectory(Fill(step.With["path"])).FullName;
                if (step.With.TryGetValue("name", out var name))
                    Copy(Path.Combine(shared, Fill(name)), target);
                else
                    Directory.EnumerateDirectories(shared, step.With["pattern"]).ToList().ForEach(d => Copy(d, Path.Combine(target, Path.GetFileName(d))));
                return (true, "");
            case "actions/checkout" or "./.github/actions/setup" or "./.pipeline/tool/.github/actions/setup":
                return (true, "");
            default:
                throw new InvalidOperationException($"nobody knows here what '{step.Uses}' does");
        }
    }

    /// <summary>A file, or what is in a directory, into a directory.</summary>
    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        Tool.Require("cp", "-a", Directory.Exists(from) ? from + "/." : from, to);
    }

    private string Fill(string text) => Expression().Replace(text, m =>
        Expressions.TryGetValue(m.Groups[1].Value, out var value) ? value : throw new InvalidOperationException($"no value is known for '{m.Value}'"));

    [GeneratedRegex(@"\$\{\{\s*(.*?)\s*\}\}")]
    private static partial Regex Expression();
}
