using System.Collections.Immutable;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.LinuxKit;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Oci.Platforms;
using Pipeline.Oci.References;

namespace Pipeline.Engine.Verifying;

/// <summary>
/// A repository as it was when a target was built, as far as others can move it: every image in a registry is named by the
/// digest that was recorded, and only this target is asked for.
/// </summary>
internal static class PinnedWorkspace
{
    /// <returns>Null where the repository does not ask for the target.</returns>
    public static Workspace? Of(Workspace workspace, PublishedTarget target)
    {
        if (target.Id.Split('/') is not [var name, var boardName, _] || workspace.Images.FirstOrDefault(i => i.Name == name) is not { } image)
            return null;
        var boards = image.Boards.Where(b => b.Value == boardName).ToImmutableArray();
        var outputs = image.Outputs.Where(o => Target.IdOf(name, boardName, o) == target.Id).ToImmutableArray();
        if (boards.IsEmpty || outputs.IsEmpty)
            return null;
        var pinned = image with
        {
            Source = Pin(image.Source, target.Inputs.Deciding.GetValueOrDefault(InputNames.SourceManifest)),
            LinuxKit = image.LinuxKit is { } document ? Pin(document, target) : null,
            Boards = boards,
            Outputs = [.. outputs.Select(o => o with { Live = Pin(o.Live, target) })],
            IsSuspended = false,
            Follow = null,
            Hold = null,
        };
        return workspace with
        {
            Images = [pinned],
            Boards = workspace.Boards.TryGetValue(boardName, out var board) ? workspace.Boards.SetItem(boardName, Pin(board, target)) : workspace.Boards,
        };
    }

    private static BoardManifest Pin(BoardManifest board, PublishedTarget target) => board with
    {
        Blobs =
        [
            .. board.Blobs.Select((blob, i) => blob.Image is { } image
                ? blob with { Image = image with { Source = Pin(image.Source, target.Inputs.Deciding.GetValueOrDefault(InputNames.BlobImage(i))) } }
                : blob),
        ],
    };

    /// <summary>Each container by its own name among the inputs; a volume may hold an image for several platforms, each with a digest of its own.</summary>
    private static LinuxKitDocument Pin(LinuxKitDocument document, PublishedTarget target)
    {
        var pins = from image in document.Images
                   from place in document.Volumes.FirstOrDefault(v => v.Image == image) is { Platforms: { IsEmpty: false } platforms }
                       ? platforms.Select(p => $"{image.Place}[{Platform.Parse(p, null).Value}]").Distinct()
                       : [image.Place]
                   select KeyValuePair.Create(place, Pin(image.Source, target.Inputs.Deciding.GetValueOrDefault(InputNames.LinuxKitImage(place))));
        return document with { Pins = pins.ToImmutableDictionary(StringComparer.Ordinal) };
    }

    private static LiveOptions Pin(LiveOptions live, PublishedTarget target) => live.Payload is { } payload
        ? live with { Payload = payload with { Source = Pin(payload.Source, target.Inputs.Deciding.GetValueOrDefault(InputNames.PayloadImage)) } }
        : live;

    /// <summary>What lies on a disk stays as it is named: its digest shows whether it changed.</summary>
    private static ImageSource Pin(ImageSource source, string? digest) =>
        Digest.TryParse(digest, out var pinned) && !IsLocal(source.Text) && ImageReference.Parse(source.Text, null) is { IsOk: true, Value: { } reference }
            ? source with { Text = $"{reference.Host}/{reference.Repository}@{pinned.Text}" }
            : source;

    private static bool IsLocal(string source) =>
        Array.Exists(["oci:", "oci-archive:", "docker-archive:", "tar:", "containers-storage:", "command:"], s => source.StartsWith(s, StringComparison.Ordinal));
}
