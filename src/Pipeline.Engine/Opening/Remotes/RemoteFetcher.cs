using System.Globalization;
using System.Text.Json;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Core.Units;
using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests.Remote;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Registry;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Opening.Remotes;

/// <summary>Looks up and fetches trees from elsewhere, over git or from a registry.</summary>
/// <param name="sources">Opens registries; made when the first is needed.</param>
/// <param name="scratch">A path that exists; the caller's to delete.</param>
public sealed class RemoteFetcher(Func<ImageSources> sources, Func<string> scratch)
{
    // Of the process: several fetchers share a scratch directory, and what one left there must not become another's tree.
    private static int _count;

    private const int LayerLimitBytes = 256 << 20;
    private const int LayerLimit = 16;
    private static readonly ByteSize SizeLimit = ByteSize.GiB(1);

    public IReporter Reporter { get; init; } = SilentReporter.Instance;

    /// <summary>The commit, or the digest of the manifest, that the name leads to now.</summary>
    /// <exception cref="RemoteNameException">The other side has no such branch, tag or artifact.</exception>
    /// <exception cref="IOException">The other side failed.</exception>
    /// <exception cref="HttpRequestException">The registry cannot be reached.</exception>
    public async Task<string> ResolveAsync(RemoteReference reference, CancellationToken ct)
    {
        if (reference.Transport != RemoteTransport.Oci)
            return await Git(reference).ResolveAsync(reference.Ref, ct);
        var (repository, selector) = Open(reference);
        if (Digest.TryParse(selector, out _))
            return selector;
        return (await repository.HeadAsync(selector, ct))?.Text ?? throw new RemoteNameException($"'{reference.Address}' is not there");
    }

    /// <summary>The files that a resolved name stands for, in a new directory of the scratch space.</summary>
    /// <exception cref="IOException">The other side failed.</exception>
    /// <exception cref="HttpRequestException">The registry cannot be reached.</exception>
    public async Task<Result<string>> FetchAsync(RemoteReference reference, string resolved, CancellationToken ct)
    {
        var target = NewDirectory();
        if (reference.Transport == RemoteTransport.Oci)
            return await FetchArtifactAsync(reference, resolved, target, ct);
        var snapshot = await Git(reference).FetchAsync(resolved, reference.Ref, target, ct);
        return snapshot.IsOk ? new(target, snapshot.Diagnostics) : Result<string>.Failed(snapshot.Diagnostics);
    }

    private async Task<Result<string>> FetchArtifactAsync(RemoteReference reference, string resolved, string target, CancellationToken ct)
    {
        var (repository, _) = Open(reference);
        var json = await repository.FindManifestAsync(resolved, ct) ?? throw new IOException($"'{reference.Address}' no longer has {resolved}");
        try
        {
            var tree = new TarTree(target, SnapshotLimits.Usual.Entries, SizeLimit);
            foreach (var layer in Layers(json))
                await tree.WriteAsync(await repository.ReadBlobAsync(layer, LayerLimitBytes, ct), ct);
            tree.WriteLinks();
            return target;
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            return Result<string>.Failed(Diagnostic.Create(OpeningRules.OddArtifact, null, reference.Name, e.Message.TrimEnd('.')));
        }
    }

    private static List<Digest> Layers(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        if (!document.RootElement.TryGetProperty("layers", out var layers))
            throw new InvalidDataException("it is an index of several images");
        var digests = new List<Digest>();
        foreach (var layer in layers.EnumerateArray())
        {
            var type = MediaTypes.Bare(layer.GetProperty("mediaType").GetString());
            if (!type.Contains("tar", StringComparison.Ordinal) || digests.Count == LayerLimit)
                throw new InvalidDataException($"a layer is '{type}', or there are more than {LayerLimit}");
            digests.Add(Digest.Parse(layer.GetProperty("digest").GetString()!));
        }
        return digests.Count > 0 ? digests : throw new InvalidDataException("it has no layers");
    }

    /// <returns>The repository, and the tag or digest in it.</returns>
    private (ArtifactRepository Repository, string Selector) Open(RemoteReference reference)
    {
        var address = reference.Address;
        var at = address.IndexOf('@', StringComparison.Ordinal);
        var name = at >= 0 ? address[..at] : address;
        var colon = name.LastIndexOf(':');
        var tag = colon > name.IndexOf('/', StringComparison.Ordinal) ? name[(colon + 1)..] : null;
        var repository = sources().OpenArtifacts(tag is null ? name : name[..colon]);
        return repository.IsOk
            ? (repository.Value!, at >= 0 ? address[(at + 1)..] : tag ?? "latest")
            : throw new IOException(repository.Diagnostics[0].Message);
    }

    private GitRemote Git(RemoteReference reference) => new(reference.Address, NewDirectory(), RemoteLimits.Usual) { Reporter = Reporter };

    private string NewDirectory() =>
        Directory.CreateDirectory(Path.Combine(scratch(), "remote" + Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture))).FullName;
}
