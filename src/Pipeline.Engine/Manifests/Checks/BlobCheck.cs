using System.Security.Cryptography;
using Pipeline.Core.Diagnostics;
using Pipeline.Disk.Loaders;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>Blobs say where they come from, raw partitions around them stay, and files of the repository are the right ones.</summary>
internal static class BlobCheck
{
    public static void Run(BoardManifest board, YamlMap tree, DiagnosticBag bag)
    {
        foreach (var (blob, map) in board.Blobs.Zip(tree.Maps("blobs")))
        {
            if (map.Map("from") is not { } from)
                continue;
            CheckFrom(blob, from, bag);
            if (map.Find("padding") is not null && map.Find("limit") is null)
                bag.Add(ManifestRules.KeyNotHere, map.KeySpanOf("padding"), "padding", "without a limit to fill up to");
            CheckKeeps(blob, map, bag);
            CheckPartition(blob, board, tree, bag);
            if (blob.RepositoryPath is { } path)
                CheckFile(blob, path, map, bag);
        }
    }

    private static void CheckFrom(RawBlob blob, YamlMap from, DiagnosticBag bag)
    {
        bool Has(string key) => from.Find(key) is not null;
        var isInside = Has("image") || Has("deb");
        var count = (Has("container") ? 1 : 0) + (Has("file") ? 1 : 0) + (isInside ? 1 : 0);
        if (count != 1)
            bag.Add(ManifestRules.BlobFrom, from.Span, Message.Quote(blob.Name), count == 0 ? "no source" : "two sources");
        else if (isInside && !Has("path"))
            bag.Add(ManifestRules.BlobFrom, from.Span, Message.Quote(blob.Name), "no path in there");
        if (Has("path") && !isInside)
            bag.Add(ManifestRules.KeyNotHere, from.KeySpanOf("path"), "path", "without image or deb");
        if (Has("platform") && !Has("image"))
            bag.Add(ManifestRules.KeyNotHere, from.KeySpanOf("platform"), "platform", "without image");
    }

    private static void CheckKeeps(RawBlob blob, YamlMap map, DiagnosticBag bag)
    {
        var end = blob.Limit is { } limit ? (blob.Offset + limit).Bytes : long.MaxValue;
        foreach (var (keep, tree) in blob.KeepRanges.Zip(map.Maps("keep")))
        {
            if (keep.EndByte <= blob.Offset.Bytes || keep.FirstByte >= end)
                bag.Add(ManifestRules.KeepOutside, tree.SpanOf("offset"), Message.Quote(blob.Name), blob.Offset.Bytes, end == long.MaxValue ? "its end" : end, keep.FirstByte, keep.EndByte);
        }
    }

    /// <summary>EBBR, chapter 4: what protects firmware is marked, so that installers and people leave it.</summary>
    private static void CheckPartition(RawBlob blob, BoardManifest board, YamlMap tree, DiagnosticBag bag)
    {
        var index = BoardPlacement.PartitionAround(blob, board);
        if (index < 0)
            return;
        var partition = board.Partitions[index];
        var isMarked = board.Table.Kind == TableKind.Gpt ? (partition.Flags.GptAttributes & 1) != 0 : partition.TypeId == PartitionTypes.MbrRaw;
        if (!isMarked)
        {
            var map = tree.Maps("partitions").ElementAt(index);
            bag.Add(ManifestRules.RawUnprotected, board.Table.Kind == TableKind.Mbr ? map.SpanOf("type") : map.SpanOf("flags"), Message.Quote(partition.Name), Message.Quote(blob.Name), board.Table.Kind == TableKind.Gpt ? "add the flag required" : "write `type: raw` (0xf8)");
        }
    }

    private static void CheckFile(RawBlob blob, string path, YamlMap map, DiagnosticBag bag)
    {
        using var file = File.OpenRead(path);
        if (blob.Limit is { } limit && file.Length > limit.Bytes)
            bag.Add(ManifestRules.BlobTooLong, map.SpanOf("limit"), Message.Quote(blob.Name), file.Length, limit.Bytes);
        if (blob.Expect is { } expect && LoaderHeader.Problem(expect, file, file.Length) is { } problem)
            bag.Add(ManifestRules.BlobHeader, map.SpanOf("expect"), Message.Quote(blob.Name), Words.Of(expect), problem);
        file.Position = 0;
        var found = Convert.ToHexStringLower(SHA256.HashData(file));
        if (blob.Sha256 is null)
            bag.Add(ManifestRules.BlobWithoutChecksum, map.Map("from")!.SpanOf("file"), Message.Quote(blob.Name), found);
        else if (found != blob.Sha256)
            bag.Add(ManifestRules.BlobChecksum, map.Map("from")!.SpanOf("sha256"), Message.Quote(blob.Name), found);
    }
}
