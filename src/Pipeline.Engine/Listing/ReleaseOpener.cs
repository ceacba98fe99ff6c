using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Reading;

namespace Pipeline.Engine.Listing;

/// <summary>A release with its record, which belongs to it; its files are unverified.</summary>
internal sealed record OpenedRelease(ReleaseRecord Record, JoinedFiles Files);

/// <summary>Opens releases for lists.</summary>
/// <param name="filesAt">Where the directory of releases is served; null where stores know their addresses, or nobody said.</param>
internal sealed class ReleaseOpener(IReleaseReader reader, Uri? filesAt)
{
    /// <returns>A warning and no value where the release cannot be listed.</returns>
    public async Task<Result<OpenedRelease>> OpenAsync(string image, ReleaseVersion version, CancellationToken ct)
    {
        if (await reader.FindAsync(image, version.ToString(), ct) is not { } found)
            return Fail(image, version, "it is gone");
        var files = new JoinedFiles(found);
        byte[]? json;
        try
        {
            json = await files.ReadAsync(ReleaseDocuments.Inputs, ReleaseRecordJson.LimitBytes, ct);
        }
        catch (Exception e) when (e is InvalidDataException or FileNotFoundException)
        {
            return Fail(image, version, e.Message.TrimEnd('.'));
        }
        if (json is null)
            return Fail(image, version, $"it has no {ReleaseDocuments.Inputs}");
        if (!ReleaseRecordJson.TryRead(json, out var record, out var problem))
            return Fail(image, version, problem);
        return record.Image == image && record.Version == version.ToString()
            ? new OpenedRelease(record, files)
            : Fail(image, version, $"its record is of {record.Image} {record.Version}");
    }

    /// <summary>Null where no browser can get it.</summary>
    public Uri? AddressOf(OpenedRelease release, string name) =>
        !release.Files.Sizes.ContainsKey(name) ? null
        : release.Files.AddressOf(name) ?? (filesAt is null ? null : new Uri(filesAt, $"{release.Record.Image}/{release.Record.Version}/{name}"));

    public Uri? PageOf(OpenedRelease release) =>
        Uri.TryCreate(release.Files.Location, UriKind.Absolute, out var page) && page.Scheme is "http" or "https" ? page
        : filesAt is null ? null
        : new(filesAt, $"{release.Record.Image}/{release.Record.Version}/");

    private static Result<OpenedRelease> Fail(string image, ReleaseVersion version, string why) =>
        new(null, [Diagnostic.Create(ListingRules.Unreadable, null, version, image, why)]);
}
