using System.Security.Cryptography;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>Blobs say where they come from, and files of the repository are the right ones.</summary>
internal static class BlobCheck
{
    public static void Run(BoardManifest board, YamlMap tree, DiagnosticBag bag)
    {
        foreach (var (blob, map) in board.Blobs.Zip(tree.Maps("blobs")))
        {
            if (map.Map("from") is not { } from)
                continue;
            var count = (from.Find("container") is null ? 0 : 1) + (from.Find("file") is null ? 0 : 1);
            if (count != 1)
                bag.Add(ManifestRules.BlobFrom, from.Span, Message.Quote(blob.Name), count == 0 ? "no source" : "two sources");
            if (from.Find("sha256") is not null && from.Find("file") is null)
                bag.Add(ManifestRules.KeyNotHere, from.KeySpanOf("sha256"), "sha256", "without file");
            if (blob.RepositoryPath is { } path)
                CheckFile(blob, path, map, bag);
        }
    }

    private static void CheckFile(RawBlob blob, string path, YamlMap map, DiagnosticBag bag)
    {
        using var file = File.OpenRead(path);
        if (blob.Limit is { } limit && file.Length > limit.Bytes)
            bag.Add(ManifestRules.BlobTooLong, map.SpanOf("limit"), Message.Quote(blob.Name), file.Length, limit.Bytes);
        if (blob.Sha256 is null)
            return;
        var found = Convert.ToHexStringLower(SHA256.HashData(file));
        if (found != blob.Sha256)
            bag.Add(ManifestRules.BlobChecksum, map.Map("from")!.SpanOf("sha256"), Message.Quote(blob.Name), found);
    }
}
