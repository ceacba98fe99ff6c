using Shouldly;

namespace Pipeline.Kit;

/// <summary>A store of containers in the eyes of skopeo and podman. What they mount is unmounted at the end.</summary>
public sealed class StoreJudge(string graph) : IDisposable
{
    private readonly TempDir _temp = new();

    public string Text(string name) => $"containers-storage:[overlay@{graph}+{_temp["run"]}]{name}";

    /// <summary>The documents as the store gives them.</summary>
    public (string Manifest, string Config) Documents(string name) =>
        (Tool.Require("skopeo", "inspect", "--raw", Text(name)), Tool.Require("skopeo", "inspect", "--raw", "--config", Text(name)));

    /// <summary>What skopeo says when it takes the whole image out of the store, every layer as the tar that it was.</summary>
    public ToolResult Export(string name, string directory) => Tool.Run("skopeo", "--insecure-policy", "copy", "-q", Text(name), "dir:" + directory);

    /// <summary>The files of the image as a container sees them: the store is only read, the container's own lies elsewhere.</summary>
    public string Seen(string name)
    {
        string[] podman = ["--root", _temp["own"], "--runroot", _temp["own-run"], "--storage-driver", "overlay", "--storage-opt", $"additionalimagestore={graph}"];
        var container = Tool.Require("podman", [.. podman, "create", name, "true"]).Trim();
        try
        {
            return Listing(Tool.Require("podman", [.. podman, "mount", container]).Trim());
        }
        finally
        {
            Tool.Run("podman", [.. podman, "umount", container]);
            Tool.Run("podman", [.. podman, "rm", container]);
        }
    }

    /// <summary>All that find and sha256sum say of a directory, but the times of directories, which overlays make up.</summary>
    public static string Listing(string directory) => Tool.Require("bash", "-c",
        "set -euo pipefail; cd \"$0\"; export LC_ALL=C; find . -mindepth 1 -printf '%P %y %m %U:%G %l\\n' | sort; find . -type f -printf '%P %T@ %s\\n' | sort; find . -type f -print0 | sort -z | xargs -0r sha256sum", directory);

    public void Dispose()
    {
        // The overlay driver mounts its own directory onto itself and leaves it so.
        foreach (var mounted in new[] { Path.Combine(graph, "overlay"), _temp["own/overlay"] })
        {
            for (var tries = 0; tries < 8 && Tool.Run("umount", "-l", mounted).ExitCode == 0; tries++)
            {
            }
        }
        Tool.Run("rm", "-rf", _temp.Path).ExitCode.ShouldBe(0);
        _temp.Dispose();
    }
}
