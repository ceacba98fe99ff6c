using System.Collections.Immutable;
using Pipeline.Engine.Git;

namespace Pipeline.Engine.Comparing;

public enum ImageChangeKind
{
    Added,

    /// <summary>Its folder has another name now: for releases it is a new image.</summary>
    Renamed,

    /// <summary>Something that decides its bytes, or whether it is built, differs.</summary>
    Changed,
    Deleted,

    /// <summary>Its manifest has mistakes now.</summary>
    Invalid,
}

/// <summary>What a range of commits means for one image.</summary>
/// <param name="Inputs">What differs, as <c>customize.hostname kiosk → lobby</c>; where boards differ in that, with the board before it.</param>
/// <param name="Because">The files behind it, each with the way from the image to it: <c>extends base: images/base/build.sh changed</c>.</param>
public sealed record ImageChange(string Image, ImageChangeKind Kind, ImmutableArray<string> Inputs, ImmutableArray<string> Because)
{
    /// <summary>What a renamed image was called.</summary>
    public string? OldName { get; init; }
}

/// <param name="Images">In order of name; those that the range does not touch are not there.</param>
/// <param name="Ineffective">Files that changed and touch no image: documents, comments in manifests, settings of the repository.</param>
public sealed record ChangeSet(ImmutableArray<ImageChange> Images, ImmutableArray<GitChange> Ineffective)
{
    /// <summary>The images that can be planned.</summary>
    public IEnumerable<string> Present => Images.Where(i => i.Kind != ImageChangeKind.Deleted).Select(i => i.Image);
}
