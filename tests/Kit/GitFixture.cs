using System.Diagnostics;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>A real repository of git in a directory, made by git itself.</summary>
public sealed class GitFixture
{
    private static readonly string[] Who = ["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "protocol.file.allow=always"];

    public GitFixture(string directory)
    {
        Directory = System.IO.Directory.CreateDirectory(directory).FullName;
        if (!System.IO.Directory.Exists(Path.Combine(Directory, ".git")))
            Run("init", "-q", "-b", "main");
    }

    public string Directory { get; }

    public string this[string file] => Path.Combine(Directory, file);

    /// <summary>Standard output of a command that must end with 0.</summary>
    public string Run(params string[] arguments)
    {
        var result = Tool.Run(new ProcessStartInfo("git", [.. Who, .. arguments]) { WorkingDirectory = Directory });
        result.ExitCode.ShouldBe(0, $"git {string.Join(' ', arguments)}\n{result.Output}");
        return result.Stdout.TrimEnd('\n');
    }

    public GitFixture Write(string file, string text, bool isProgram = false)
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(this[file])!);
        File.WriteAllText(this[file], text);
        if (isProgram)
            Tool.Require("chmod", "a+x", this[file]);
        return this;
    }

    /// <summary>Everything that is there; the new commit's name.</summary>
    public string Commit(string message)
    {
        Run("add", "-A");
        Run("commit", "-q", "--allow-empty", "-m", message);
        return Run("rev-parse", "HEAD");
    }

    /// <summary>A commit whose tree is what <c>git mktree</c> makes of the lines: also what no work tree could give.</summary>
    public string CommitTree(params string[] lines)
    {
        var tree = Tool.Run(new ProcessStartInfo("git", ["mktree"]) { WorkingDirectory = Directory }, string.Join('\n', lines) + "\n");
        tree.ExitCode.ShouldBe(0, tree.Output);
        return Run("commit-tree", "-m", "made by hand", tree.Stdout.Trim());
    }

    public string Blob(string text)
    {
        var blob = Tool.Run(new ProcessStartInfo("git", ["hash-object", "-w", "--stdin"]) { WorkingDirectory = Directory }, text);
        blob.ExitCode.ShouldBe(0, blob.Output);
        return blob.Stdout.Trim();
    }
}
