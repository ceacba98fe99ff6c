using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Cli.Reporting;
using Pipeline.Engine.Inspecting;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Oci.Sources;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline inspect</c>: the map of an image file, or what a source offers.</summary>
internal static class InspectVerb
{
    private static readonly string[] Schemes = ["oci:", "oci-archive:", "docker-archive:", "tar:"];

    public static Command Create(CommonOptions common)
    {
        var what = new Argument<string>("WHAT") { HelpName = "WHAT", Description = "An image file, or a source: HOST/NAME:TAG, oci:DIR, oci-archive:FILE, docker-archive:FILE, tar:FILE" };
        return new VerbCommand("inspect", "Show what lies in an image file, or what a container reference offers")
        {
            Notes = "A file that exists is an image file; everything else is a source. Registries and mirrors are those of the repository\naround this directory, where there is one.",
            Examples =
            [
                ("pipeline inspect disk.img", "partition table, partitions, file systems, raw regions, free space, digest"),
                ("pipeline inspect quay.io/fedora/fedora-bootc:42", "platforms, layers, labels"),
                ("pipeline inspect disk.img --json", "the same map for a program"),
            ],
            ExitCodes =
            [
                (ExitCode.Done, "shown"), (ExitCode.Mend, "there is no such file or image, or it cannot be read"), (ExitCode.TryAgain, "the registry or the disk failed"),
            ],
        }
        .With(what, common.Repository, common.Cache, common.Offline)
        .Does(common, (run, ct) => ActAsync(run, run.Value(what)!, ct));
    }

    private static Task<ExitCode> ActAsync(Run run, string what, CancellationToken ct)
    {
        var isSource = Schemes.Any(s => what.StartsWith(s, StringComparison.Ordinal)) || !(File.Exists(what) || Directory.Exists(what) || LooksLikePath(what));
        return isSource ? DescribeAsync(run, what, ct) : Task.FromResult(Map(run, what, ct));
    }

    /// <summary>A file that is not there should be called so, and not looked for in a registry.</summary>
    private static bool LooksLikePath(string text) =>
        text.StartsWith('/') || text.StartsWith('.') || text.StartsWith('~') || Path.GetExtension(text) is ".img" or ".iso" or ".raw" or ".zst" or ".xz" or ".gz";

    private static ExitCode Map(Run run, string path, CancellationToken ct)
    {
        var read = Inspector.Read(path, ct);
        run.Tell(read.Diagnostics);
        if (read is not { IsOk: true, Value: { } map })
            return ExitCode.Mend;
        run.Results.Write(ImageMapText.Render(map), "imageFile", json =>
        {
            json.WritePropertyName("map");
            JsonSerializer.Serialize(json, map, InspectJson.Default.ImageMap);
        });
        return ExitCode.Done;
    }

    private static async Task<ExitCode> DescribeAsync(Run run, string text, CancellationToken ct)
    {
        var config = Registries(run);
        await using var parts = Composition.ForLooking(run, config);
        var opened = parts.Sources.Open(text, Directory.GetCurrentDirectory(), null);
        run.Tell(opened.Diagnostics);
        if (!opened.IsOk)
            return ExitCode.Mend;
        await using var source = opened.Value!;
        var read = await ImageDescription.ReadAsync(source, ct);
        run.Tell(read.Diagnostics);
        if (read is not { IsOk: true, Value: { } description })
            return ExitCode.Mend;
        run.Results.Write(SourceText.Render(description, run.Results.Paint), "source", json => SourceText.Write(json, description));
        return ExitCode.Done;
    }

    /// <summary>Mistakes in manifests do not matter here; only how registries are reached does.</summary>
    private static Workspace Registries(Run run) =>
        WorkspaceReader.Read(run.RepositoryPath).Value
        ?? new(run.RepositoryPath, new PipelineConfig(), [], ImmutableSortedDictionary<string, BoardManifest>.Empty, []);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ImageMap))]
internal sealed partial class InspectJson : JsonSerializerContext;
