using System.Runtime.CompilerServices;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests;

/// <summary>What lies in this repository is an example for others, so it must be without a fault.</summary>
public sealed class ShippedFilesTests
{
    internal static string RepositoryRoot([CallerFilePath] string testFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(testFile)!, "../../.."));

    [Fact]
    public void This_repository_has_no_mistakes()
    {
        var result = WorkspaceReader.Read(RepositoryRoot());

        result.Diagnostics.Select(d => d.ToString()).ShouldBeEmpty();
        result.Value!.InvalidImages.ShouldBeEmpty();
        result.Value.Images.ShouldContain(i => i.Name == "debian-minimal");
        result.Value.Boards.Keys.ShouldBe(["orangepi-pc", "uboot-arm64", "uefi-arm64", "uefi-x86_64"], ignoreOrder: true);
    }
}
