using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Pipeline.Core.Compression;
using Pipeline.Core.Streams;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.GitHub.Api;

namespace Pipeline.Engine.Publishing.GitHub;

/// <param name="Sources">What the release holds in its place.</param>
/// <param name="Command">What makes the file of it.</param>
internal sealed record LargeFile(ImmutableArray<AssetSource> Sources, string Command);

/// <summary>
/// Files of 2 GiB and more: <c>NAME.000</c>, <c>NAME.001</c>, … with <c>NAME.parts</c>, the parts in the form of
/// <c>sha256sum</c>; or <c>NAME.zst</c>, with parts of its own where that is not enough.
/// </summary>
internal sealed class LargeFiles(LargeFilePolicy policy, GitHubLimits limits)
{
    public const string ListSuffix = ".parts";
    private const string PackedSuffix = ".zst";
    private const int PackedLevel = 19;
    private const int MaxParts = 999;

    /// <summary>Before anything is read or sent.</summary>
    public void Check(ReleaseFile file)
    {
        if (file.Size.Bytes > limits.FileBytes && (policy == LargeFilePolicy.Refuse || file.Size.Bytes / limits.PartBytes >= MaxParts))
            throw ReleaseRefusedException.Because(GitHubRules.FileTooLarge, file.Name, file.Size, new ByteSize(limits.FileBytes + 1));
    }

    public async Task<LargeFile> PrepareAsync(ReleaseFile file, string path, CancellationToken ct)
    {
        if (policy != LargeFilePolicy.Recompress || IsPacked(file.Name))
            return await SplitAsync(file.Name, file.Size.Bytes, path, ct);
        var packed = await PackAsync(path, ct);
        var (name, size) = (file.Name + PackedSuffix, new FileInfo(packed).Length);
        var unpack = $"zstd -d {name}";
        if (size > limits.FileBytes)
            return await SplitAsync(name, size, packed, ct) is { } split ? split with { Command = $"{split.Command} && {unpack}" } : throw new InvalidOperationException();
        var digest = await HashAsync(packed, new(0, size), ct);
        return new([AssetSource.OfFile(name, size, digest, packed)], unpack);
    }

    /// <summary>The files of a release that stand for one of its record; empty where something of them is missing.</summary>
    public static ImmutableArray<GitHubAsset> Find(ReleaseFile file, IReadOnlyDictionary<string, GitHubAsset> assets)
    {
        if (assets.TryGetValue(file.Name, out var whole))
            return whole.Size == file.Size.Bytes && (whole.Digest is null || whole.Digest == file.Sha256.Text) ? [whole] : [];
        if (assets.TryGetValue(file.Name + PackedSuffix, out var packed))
            return [packed];
        var parts = Parts(file.Name, assets);
        if (!parts.IsEmpty)
            return parts.Where(p => !p.Name.EndsWith(ListSuffix, StringComparison.Ordinal)).Sum(p => p.Size) == file.Size.Bytes ? parts : [];
        return Parts(file.Name + PackedSuffix, assets);
    }

    /// <summary>What makes a carried file of its parts.</summary>
    public static string Command(ReleaseFile file, ImmutableArray<GitHubAsset> found)
    {
        var isPacked = found[0].Name.StartsWith(file.Name + PackedSuffix, StringComparison.Ordinal);
        var name = isPacked ? file.Name + PackedSuffix : file.Name;
        var join = found.Length > 1 ? JoinCommand(name) : "";
        var unpack = isPacked ? $"zstd -d {name}" : "";
        return join.Length > 0 && unpack.Length > 0 ? $"{join} && {unpack}" : join + unpack;
    }

    private static ImmutableArray<GitHubAsset> Parts(string name, IReadOnlyDictionary<string, GitHubAsset> assets)
    {
        if (!assets.TryGetValue(name + ListSuffix, out var list))
            return [];
        var found = ImmutableArray.CreateBuilder<GitHubAsset>();
        while (assets.TryGetValue(PartName(name, found.Count), out var part))
            found.Add(part);
        if (found.Count == 0)
            return [];
        found.Add(list);
        return found.ToImmutable();
    }

    private static bool IsPacked(string name) => Path.GetExtension(name) is ".zst" or ".xz" or ".gz";

    private async Task<LargeFile> SplitAsync(string name, long size, string path, CancellationToken ct)
    {
        var parts = ImmutableArray.CreateBuilder<AssetSource>();
        for (var start = 0L; start < size; start += limits.PartBytes)
        {
            var range = new AssetSource.Range(start, Math.Min(limits.PartBytes, size - start));
            parts.Add(AssetSource.OfPart(PartName(name, parts.Count), path, range, await HashAsync(path, range, ct)));
        }
        parts.Add(AssetSource.OfBytes(name + ListSuffix, Sha256Sums.Write(parts.Select(p => (p.Name, p.Sha256)))));
        return new(parts.ToImmutable(), JoinCommand(name));
    }

    private static string PartName(string name, int index) => $"{name}.{index.ToString("000", CultureInfo.InvariantCulture)}";

    private static string JoinCommand(string name) => $"sha256sum -c {name}{ListSuffix} && cat {name}.[0-9][0-9][0-9] > {name}";

    /// <summary>Beside the file, in the run's scratch directory, which is removed with it.</summary>
    private static async Task<string> PackAsync(string path, CancellationToken ct)
    {
        var packed = path + PackedSuffix;
        await using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        await using var target = new FileStream(packed, FileMode.Create, FileAccess.Write);
        await using var encoder = Compression.OpenEncoder(CompressionKind.Zstandard, target, new(PackedLevel, Environment.ProcessorCount));
        await source.CopyToAsync(encoder, 1 << 20, ct);
        return packed;
    }

    private static async Task<Digest> HashAsync(string path, AssetSource.Range range, CancellationToken ct)
    {
        await using var part = new FileRangeStream(path, range.StartBytes, range.LengthBytes);
        return Digest.FromSha256Hash(await SHA256.HashDataAsync(part, ct));
    }
}
