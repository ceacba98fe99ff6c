using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Resolving;
using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Comparing;

/// <summary>
/// What a repository alone decides of an image, without asking anybody: how its source is called (for a script, the digest
/// over its folder), its manifest, its boards and their files.
/// </summary>
internal static class DecidingInputs
{
    private const string Command = "command:";
    private static readonly Platform Unknown = Platform.Of("linux", "unknown", null);

    /// <summary>By board and output; what is the same for the whole image under <c>""</c>.</summary>
    /// <exception cref="IOException">A file that the manifest names is gone.</exception>
    public static async Task<ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, string>>> OfAsync(
        Workspace workspace, ImageManifest image, CancellationToken ct)
    {
        var all = ImmutableSortedDictionary.CreateBuilder<string, ImmutableSortedDictionary<string, string>>(StringComparer.Ordinal);
        all[""] = await OfImageAsync(image, ct);
        foreach (var (board, output) in image.Boards.SelectMany(b => image.Outputs.Select(o => (b.Value, o))))
            all[image.Outputs.Length == 1 ? board : $"{board}/{output.Word}"] = OfTarget(workspace, image, board, output);
        return all.ToImmutable();
    }

    private static async Task<ImmutableSortedDictionary<string, string>> OfImageAsync(ImageManifest image, CancellationToken ct)
    {
        var inputs = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        inputs["source"] = image.Source.Text;
        if (image.Follow is { } follow)
            inputs["follow"] = $"{follow.Kind} {follow.Text} {follow.Extract} {follow.Order}{(follow.PickLowest ? " lowest" : "")}".ToLowerInvariant();
        inputs["suspend"] = image.IsSuspended ? "true" : "false";
        if (image.Source.Text.StartsWith(Command, StringComparison.Ordinal))
        {
            var script = Path.GetFullPath(image.Source.Text[Command.Length..], image.Source.BaseDirectoryPath);
            if (File.Exists(script) && await FolderFingerprint.ComputeAsync(script, null, ct) is { IsOk: true } fingerprint)
                inputs[InputNames.SourceManifest] = fingerprint.Value!.Text;
        }
        return inputs.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, string> OfTarget(Workspace workspace, ImageManifest image, string name, Output output)
    {
        if (!workspace.Boards.TryGetValue(name, out var board))
            board = CarriedLayout.Unread(name, CarriedName.PlatformOf(name, null, out _) ?? Unknown, image.Span);
        if (image.Layout is { } layout && CarriedLayout.Apply(board, layout) is { IsOk: true, Value: { } laid })
            board = laid;
        var inputs = ManifestInputs.Of(image, board, output).ToBuilder();
        for (var i = 0; i < board.Blobs.Length; i++)
        {
            if (board.Blobs[i].Image is { } blob)
                inputs[InputNames.BlobReference(i)] = blob.Source.Text;
        }
        if (output.Live.Payload is { } payload)
            inputs[InputNames.PayloadReference] = payload.Source.Text;
        return inputs.ToImmutable();
    }
}
