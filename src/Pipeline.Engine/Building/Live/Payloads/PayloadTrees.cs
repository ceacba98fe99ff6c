using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Units;
using Pipeline.Engine.Building.LinuxKit;
using Pipeline.Engine.Building.Sources;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Storing;
using StoredImage = Pipeline.Engine.Building.LinuxKit.StoredImage;

namespace Pipeline.Engine.Building.Live.Payloads;

/// <summary>The images that live systems carry, each as a directory; made once for all targets that carry the same. Contents live as long as this.</summary>
/// <param name="scratchDirectory">For uncompressed layers.</param>
internal sealed class PayloadTrees(PlannedImages images, string scratchDirectory) : IDisposable
{
    private readonly Dictionary<(Digest Image, PayloadForm Form, string Name, UnixTime Clock), FileTree> _trees = [];
    private readonly List<OverlayStore> _stores = [];

    /// <returns>Of a single use; null where the target carries none, or the bag has the reason.</returns>
    public async Task<FileTree?> MakeAsync(Target target, UnixTime clock, DiagnosticBag bag, CancellationToken ct)
    {
        if (target.Output.Live.Payload is not { } payload)
            return null;
        var image = target.Payload ?? throw new InvalidOperationException($"the payload of {target.Id} was not looked at");
        var span = payload.Source.Span;
        if (image.Originals is not { } documents)
        {
            bag.Add(PayloadRules.NoOriginals, span, payload.Source.Text);
            return null;
        }
        if (payload.Form == PayloadForm.Layout && documents.Manifest.MediaType != MediaTypes.OciManifest)
        {
            bag.Add(PayloadRules.DockerDocuments, span, payload.Source.Text);
            return null;
        }
        var key = (image.ManifestDigest, payload.Form, payload.Name, clock);
        if (_trees.TryGetValue(key, out var known))
            return known.Clone();
        var fetched = await images.FetchAsync(payload.Source, image, ct);
        bag.AddRange([.. fetched.Diagnostics.Select(d => d with { Span = d.Span ?? span })]);
        if (!fetched.IsOk)
            return null;
        var tree = payload.Form == PayloadForm.Layout ? Layout(payload, new(image, fetched.Value!), clock) : Store(new(payload.Name, image, fetched.Value!), clock, (bag, span), ct);
        if (tree is null)
            return null;
        _trees.Add(key, tree);
        return tree.Clone();
    }

    public void Dispose()
    {
        foreach (var store in _stores)
            store.Dispose();
        images.Dispose();
    }

    private static FileTree Layout(PayloadImage payload, StoredImage image, UnixTime clock)
    {
        var tree = OciVolume.Make(payload.Name, [image]);
        foreach (var node in tree.Walk().Select(n => n.Node).Prepend(tree.Root))
            node.Mtime = clock;
        return tree;
    }

    private FileTree? Store(StoreImage image, UnixTime clock, (DiagnosticBag Bag, SourceSpan? Span) of, CancellationToken ct)
    {
        Directory.CreateDirectory(scratchDirectory);
        var said = new DiagnosticBag();
        var store = OverlayStore.Make(image, new(scratchDirectory, clock), said, ct);
        of.Bag.AddRange([.. said.ToImmutable().Select(d => d with { Span = d.Span ?? of.Span })]);
        if (store is null)
            return null;
        _stores.Add(store);
        return store.Tree;
    }
}
