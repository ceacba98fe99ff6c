using System.Runtime.CompilerServices;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests;

/// <summary>What lies in this repository is an example for others, so it must be without a fault.</summary>
public sealed class ShippedFilesTests
{
    internal static readonly string RepositoryRoot = FindRoot();

    private static string FindRoot([CallerFilePath] string testFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(testFile)!, "../../.."));

    [Fact]
    public void This_repository_has_no_mistakes()
    {
        var result = WorkspaceReader.Read(RepositoryRoot);

        result.Diagnostics.Select(d => d.ToString()).ShouldBeEmpty();
        result.Value!.InvalidImages.ShouldBeEmpty();
        result.Value.Images.ShouldContain(i => i.Name == "debian-minimal");
        result.Value.Boards.Keys.ShouldBe(ShippedBoards.Names, ignoreOrder: true);
    }

    [Fact]
    public void Every_file_tells_editors_its_schema()
    {
        var files = Directory.GetFiles(Path.Combine(RepositoryRoot, "images"), "image.yaml", SearchOption.AllDirectories)
            .Concat(Directory.GetFiles(Path.Combine(RepositoryRoot, "boards"), "*.yaml"))
            .Append(Path.Combine(RepositoryRoot, "pipeline.yaml"));
        foreach (var file in files)
        {
            const string start = "# yaml-language-server: $schema=";
            var first = File.ReadLines(file).First();
            first.ShouldStartWith(start, customMessage: file);
            File.Exists(Path.Combine(Path.GetDirectoryName(file)!, first[start.Length..])).ShouldBeTrue($"{file} names a schema that is not there");
        }
    }

    [Fact]
    public void Only_the_minimal_system_is_built_without_being_asked()
    {
        var images = WorkspaceReader.Read(RepositoryRoot).Value!.Images;

        images.Where(i => !i.IsSuspended).Select(i => i.Name).ShouldBe(["debian-minimal"]);
        images.Length.ShouldBeGreaterThan(6);
        images.Single(i => i.Name == "debian-minimal-kiosk").Customization.KernelArguments.ShouldBe(["quiet"]);
        images.Single(i => i.Name == "centos-bootc").Customization.Files.ShouldBeEmpty();
    }

    [Fact]
    public void The_boards_are_what_their_machines_need()
    {
        foreach (var name in ShippedBoards.Names)
            Golden.Match($"board-{name}.txt", string.Concat(Inputs(ShippedBoards.Read(name)).Select(i => $"{i.Key} = {i.Value}\n")));
    }

    private static IEnumerable<KeyValuePair<string, string>> Inputs(BoardManifest board)
    {
        var inputs = new InputList();
        BoardInputs.Add(inputs, board);
        return inputs.ToSorted();
    }
}
