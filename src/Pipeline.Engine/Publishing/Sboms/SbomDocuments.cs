using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Publishing.Packages;

namespace Pipeline.Engine.Publishing.Sboms;

/// <summary>
/// Bills of materials of a release, one for each platform and form: <c>IMAGE-ARCHITECTURE.spdx.json</c>, <c>….cdx.json</c>.
/// From the lists of packages alone, so that what is carried over has them too. A container without packages that could be
/// read has none: an empty one would say that nothing is in it.
/// </summary>
public sealed class SbomDocuments(ImmutableArray<SbomForm> forms) : IReleaseDocuments
{
    public Task<Result<ImmutableArray<ReleaseDocument>>> MakeAsync(ReleaseContents contents, CancellationToken ct)
    {
        ImmutableArray<ReleaseDocument> made =
        [
            .. from platform in contents.Packages.Platforms
               where !platform.New.Packages.Packages.IsEmpty
               let input = new SbomInput(contents.Record.Image, contents.Record.Version, platform, [.. contents.Record.Files.Where(f => IsOf(platform, f.Name, contents.Record))])
               from form in forms
               select Write(input, form),
        ];
        return Task.FromResult(new Result<ImmutableArray<ReleaseDocument>>(made, []));
    }

    private static bool IsOf(PlatformPackages platform, string file, ReleaseRecord record) =>
        platform.Targets.Any(t => record.Targets[t].Files.Any(f => f.Name == file));

    private static ReleaseDocument Write(SbomInput input, SbomForm form)
    {
        var stem = input.Platform.File.Name[..^ReleaseDocuments.PackagesSuffix.Length];
        return form == SbomForm.Spdx
            ? new(stem + ReleaseDocuments.SpdxSuffix, SpdxDocument.Write(input))
            : new(stem + ReleaseDocuments.CycloneDxSuffix, CycloneDxDocument.Write(input));
    }
}
