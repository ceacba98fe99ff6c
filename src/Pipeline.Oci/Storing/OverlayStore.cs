using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Units;
using Pipeline.Oci.Layers;

namespace Pipeline.Oci.Storing;

/// <param name="ScratchDirectory">Must have room for the uncompressed layers.</param>
/// <param name="Clock">Of what the store itself says, so that it comes out the same each time.</param>
public sealed record StoreOptions(string ScratchDirectory, UnixTime Clock);

/// <summary>
/// A store of containers as podman, buildah, skopeo and CRI-O have theirs (containers/storage, driver overlay), with one image in it:
/// each layer a directory, with the recipe of its tar, so that the image comes out again with all its digests. Contents lie in
/// scratch, which lives as long as this.
/// </summary>
public sealed class OverlayStore : IDisposable
{
    private const ushort Private = 0b111_000_000;
    private const ushort PrivateFile = 0b110_000_000;
    private const ushort PublicFile = 0b110_100_100;

    /// <summary>As many as overlayfs takes in one mount.</summary>
    private const int MaxLayers = 500;

    private const int LinkLength = 26;
    private const string LinkLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private readonly StoreOptions _options;
    private readonly List<IDisposable> _scratch = [];

    private OverlayStore(StoreOptions options)
    {
        _options = options;
        Tree = new(new DirectoryNode { Permissions = Private, Mtime = options.Clock });
    }

    /// <summary>The store's root: what lies below <c>/var/lib/containers/storage</c>.</summary>
    public FileTree Tree { get; }

    /// <returns>Null where the bag has the reason.</returns>
    public static OverlayStore? Make(StoreImage image, StoreOptions options, DiagnosticBag bag, CancellationToken ct)
    {
        var store = new OverlayStore(options);
        try
        {
            if (store.Add(image, bag, ct))
                return store;
            store.Dispose();
            return null;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var item in _scratch)
            item.Dispose();
    }

    private bool Add(StoreImage stored, DiagnosticBag bag, CancellationToken ct)
    {
        var image = stored.Image;
        if (image.Layers.Length != image.DiffIds.Length || image.Layers.Length > MaxLayers)
        {
            bag.Add(LayerRules.LayerCount, null, image.Layers.Length, Math.Min(image.DiffIds.Length, MaxLayers));
            return false;
        }
        var (layers, trees) = (ImmutableArray.CreateBuilder<StoredLayerEntry>(), new List<FileTree>());
        for (var i = 0; i < image.Layers.Length; i++)
        {
            var blob = image.Layers[i];
            var job = new LayerJob($"layer {i + 1} ({blob.Digest.Short}) of {stored.Name}", blob, image.DiffIds[i]);
            if (AddLayer(job, stored.Blobs.Layers.First(l => l.Blob.Digest == blob.Digest).Content, layers, (trees, bag, ct)) is not { } tree)
                return false;
            trees.Add(tree);
        }
        var chain = layers.ToImmutable();
        AddFile("/overlay-layers/layers.json", StoreLists.Layers(chain, _options.Clock));
        AddFile("/overlay-images/images.json", StoreLists.Images(stored, chain.IsEmpty ? "" : chain[^1].Id, _options.Clock));
        foreach (var (key, bytes) in StoreLists.Documents(image))
            AddFile($"/overlay-images/{image.ConfigDigest.Hex}/{StoreLists.FileName(key)}", bytes);
        AddPlaces();
        return true;
    }

    /// <summary>A store that is only read is never given what it lacks, so its locks are there.</summary>
    private void AddPlaces()
    {
        foreach (var folder in new[] { "/overlay", "/overlay-containers", "/overlay-images", "/overlay-layers" })
            AddDirectory(folder);
        AddDirectory("/overlay/l").Permissions = 0b111_101_101;
        foreach (var name in new[] { "/storage.lock", "/userns.lock", "/overlay-containers/containers.lock", "/overlay-images/images.lock", "/overlay-layers/layers.lock" })
            AddFile(name, [], PublicFile);
    }

    /// <returns>Its files; null where the bag has the reason.</returns>
    private FileTree? AddLayer(
        LayerJob job, FileContent blob, ImmutableArray<StoredLayerEntry>.Builder chain, (List<FileTree> Below, DiagnosticBag Bag, CancellationToken Ct) of)
    {
        var spool = ScratchFile.Create(_options.ScratchDirectory, "payload");
        _scratch.Add(spool);
        if (PlainLayer.Read(job, (blob, spool), of.Bag, of.Ct) is not { } layer)
            return null;
        var said = new DiagnosticBag();
        var files = LayerDelta.Make(layer.Index, of.Below, said);
        of.Bag.AddRange(said.ToImmutable());
        if (said.HasErrors)
            return null;
        var id = chain.Count == 0 ? job.DiffId!.Hex : Digest.Sha256(Encoding.UTF8.GetBytes($"{chain[^1].Id}+{job.DiffId!.Hex}")).Hex;
        Lay(id, files, chain);
        AddContent($"/overlay-layers/{id}.tar-split.gz", Recipe(layer, files, of.Ct));
        chain.Add(new(id, chain.Count == 0 ? null : chain[^1].Id, layer.DiffId, layer.Tar.LengthBytes, job.Blob)
        {
            Uids = [.. Nodes(files).Select(n => n.Uid).Distinct().Order()],
            Gids = [.. Nodes(files).Select(n => n.Gid).Distinct().Order()],
        });
        return files;
    }

    /// <summary>The directory of a layer: its files, a short name for mounts, and the short names of all below.</summary>
    private void Lay(string id, FileTree files, ImmutableArray<StoredLayerEntry>.Builder below)
    {
        var folder = "/overlay/" + id;
        AddDirectory(folder);
        Tree.Set(folder + "/diff", files.Root);
        AddDirectory(folder + "/merged");
        AddDirectory(folder + "/work");
        if (below.Count == 0)
            AddDirectory(folder + "/empty");
        else
            AddFile(folder + "/lower", Encoding.ASCII.GetBytes(string.Join(':', Enumerable.Range(1, below.Count).Select(i => "l/" + LinkOf(below[^i].Id)))), PublicFile);
        AddFile(folder + "/link", Encoding.ASCII.GetBytes(LinkOf(id)), PublicFile);
        Tree.Set("/overlay/l/" + LinkOf(id), new SymbolicLink { Target = Encoding.ASCII.GetBytes($"../{id}/diff"), Permissions = 0b111_111_111, Mtime = _options.Clock });
    }

    /// <summary>Others draw it by lot.</summary>
    private static string LinkOf(string id) => string.Concat(SHA256.HashData(Encoding.ASCII.GetBytes("link " + id)).Take(LinkLength).Select(b => LinkLetters[b % LinkLetters.Length]));

    private static IEnumerable<FileNode> Nodes(FileTree tree) => tree.Walk().Select(n => n.Node).Prepend(tree.Root);

    private FileContent Recipe(PlainLayer layer, FileTree files, CancellationToken ct)
    {
        var file = new FileStream(Path.Combine(_options.ScratchDirectory, $"recipe-{_scratch.Count}.tmp"), new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose,
        });
        _scratch.Add(file);
        TarSplitRecipe.Write(layer, files, file, ct);
        file.Flush();
        return FileContent.Of(new FileSource(file.SafeFileHandle), 0, file.Length);
    }

    private DirectoryNode AddDirectory(string path)
    {
        var directory = Tree.EnsureDirectory(path, _options.Clock);
        directory.Permissions = Private;
        return directory;
    }

    private void AddFile(string path, byte[] bytes, ushort permissions = PrivateFile) => AddContent(path, FileContent.Of(bytes), permissions);

    private void AddContent(string path, FileContent content, ushort permissions = PrivateFile)
    {
        AddDirectory(path[..path.LastIndexOf('/')]);
        Tree.Set(path, new RegularFile { Content = content, Permissions = permissions, Mtime = _options.Clock });
    }
}
