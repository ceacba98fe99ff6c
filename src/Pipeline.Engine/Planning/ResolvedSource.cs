using System.Collections.Immutable;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Planning;

/// <summary>
/// What a target's source stands for now: an image that was looked at (<see cref="ResolvedImage"/>), or a script that
/// will make one when the target is built (<see cref="ResolvedCommand"/>).
/// </summary>
public abstract record ResolvedSource
{
    /// <summary>What decides the content: equal identities (for one platform) unpack to the same files.</summary>
    public abstract Digest Identity { get; }
}

/// <summary>An image in a registry, a layout, an archive or a tar, selected for the board's platform.</summary>
public sealed record ResolvedImage(PlatformImage Image) : ResolvedSource
{
    public override Digest Identity => Image.ManifestDigest;
}

/// <summary>An image that a blob of a board comes from.</summary>
/// <param name="Blob">The blob's index in the board.</param>
public sealed record ResolvedBlobImage(int Blob, PlatformImage Image);

/// <summary>A <c>command:</c> source: nothing has run yet.</summary>
/// <param name="ScriptPath">Absolute path of the script.</param>
/// <param name="Fingerprint">Digest over the content of the script's folder.</param>
public sealed record ResolvedCommand(string ScriptPath, Digest Fingerprint) : ResolvedSource
{
    public override Digest Identity => Fingerprint;
}

/// <summary>A system of several containers, each looked at.</summary>
/// <param name="Identity">Over all of them and what the files say.</param>
public sealed record ResolvedLinuxKit(ImmutableArray<ResolvedContainer> Images, Digest Identity) : ResolvedSource
{
    public override Digest Identity { get; } = Identity;
}

/// <param name="Place">Its name in the document: <c>services[nginx]</c>.</param>
/// <param name="Name">The logical name of what was looked at.</param>
public sealed record ResolvedContainer(string Place, string Name, ImageSource Source, PlatformImage Image);
