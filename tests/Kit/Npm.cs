using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pipeline.Kit;

/// <summary>Packages of npm that serve as judges; <c>tests/run</c> installs them below <c>.artifacts/npm</c>.</summary>
public static class Npm
{
    /// <summary>Absolute path of a file of a package; a package that is not there fails the test.</summary>
    public static string File(string package, string file)
    {
        var path = Path.Combine(Root(), "node_modules", package, file);
        return System.IO.File.Exists(path) ? path : throw new InvalidOperationException($"the judge '{package}' is not installed at {path}; tests/run installs it");
    }

    /// <summary>What runs them: the node that <c>tests/run</c> brought along where the system's is too old, else the system's.</summary>
    public static string Node
    {
        get
        {
            var machine = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
            var brought = Path.Combine(Root(), "node_modules", $"node-linux-{machine}", "bin", "node");
            return System.IO.File.Exists(brought) ? brought : "node";
        }
    }

    private static string Root([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", ".artifacts", "npm"));
}
