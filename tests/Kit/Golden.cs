using System.Runtime.CompilerServices;
using System.Text;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>
/// Compares a text with the file <c>golden/NAME</c> beside the test. <c>PIPELINE_UPDATE_GOLDEN=1</c> rewrites the files;
/// a missing file is a failure that shows the text.
/// </summary>
public static class Golden
{
    public static void Match(string name, string actual, [CallerFilePath] string testFile = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(testFile)!, "golden", name);
        if (Environment.GetEnvironmentVariable("PIPELINE_UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual, new UTF8Encoding(false));
            return;
        }
        File.Exists(path).ShouldBeTrue($"there is no {path}; PIPELINE_UPDATE_GOLDEN=1 writes it. The text was:\n{actual}");
        actual.ShouldBe(File.ReadAllText(path), $"golden/{name} differs; PIPELINE_UPDATE_GOLDEN=1 rewrites it");
    }
}
