using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Reading;

namespace Pipeline.Engine.Listing;

/// <summary>Gathers what is released of the images of a repository.</summary>
/// <param name="filesAt">Where the directory of releases is served, with a slash at its end; null where stores know their addresses.</param>
public sealed class CatalogueReader(IReleaseReader reader, Uri? filesAt)
{
    private const string PlatformInput = "board.platform";
    private readonly ReleaseOpener _opener = new(reader, filesAt);

    /// <returns>Always a catalogue; a release that cannot be read is left out, with a warning.</returns>
    /// <exception cref="IOException">The outside failed.</exception>
    /// <exception cref="HttpRequestException">Likewise.</exception>
    public async Task<Result<Catalogue>> ReadAsync(Workspace workspace, CancellationToken ct)
    {
        var bag = new DiagnosticBag();
        var releases = ImmutableArray.CreateBuilder<OfferedRelease>();
        // The last release of an image stays when its manifest breaks; only what it says of itself is not known then.
        var images = workspace.Images.Select(i => (i.Name, i.Description)).Concat(workspace.InvalidImages.Where(SystemText.IsFileName).Select(name => (Name: name, Description: "")));
        foreach (var image in images.OrderBy(i => i.Name, StringComparer.Ordinal))
        {
            var versions = await reader.ListAsync(image.Name, ct);
            if (versions.IsEmpty)
                continue;
            var opened = await _opener.OpenAsync(image.Name, versions[0], ct);
            bag.AddRange(opened.Diagnostics);
            if (opened.Value is { } release)
                releases.Add(Offer(image, versions, release));
        }
        return new(new Catalogue(releases.ToImmutable()), bag.ToImmutable());
    }

    private OfferedRelease Offer((string Name, string Description) image, ImmutableArray<ReleaseVersion> versions, OpenedRelease release)
    {
        var documents = from name in release.Files.Sizes.Keys
                        where ReleaseDocuments.Contains(name)
                        let address = _opener.AddressOf(release, name)
                        where address is not null
                        select KeyValuePair.Create(name, address);
        return new(
            image.Name, image.Description, versions[0], versions,
            [.. release.Record.Targets.Values.Select(t => Offer(t, release))], documents.ToImmutableSortedDictionary(StringComparer.Ordinal))
        {
            Page = _opener.PageOf(release),
        };
    }

    private OfferedTarget Offer(PublishedTarget target, OpenedRelease release)
    {
        var words = target.Id.Split('/');
        return new(
            target.Id, words.ElementAtOrDefault(1) ?? "", words.ElementAtOrDefault(2) ?? "", target.Inputs.Deciding.GetValueOrDefault(PlatformInput), target.BuiltIn,
            [.. target.Files.Select(f => Offer(f, release))]);
    }

    private OfferedFile Offer(ReleaseFile file, OpenedRelease release) => new(
        file,
        _opener.AddressOf(release, file.Name),
        release.Files.Sizes.ContainsKey(file.Name) || !release.Files.Has(file.Name)
            ? []
            : [.. release.Files.FormsOf(file.Name).Select(n => new StoredForm(n, release.Files.Sizes[n], _opener.AddressOf(release, n)))]);
}
