using System.Collections.Concurrent;
using System.Collections.Immutable;
using Pipeline.Core.Units;

namespace Pipeline.Oci.Cache;

/// <summary>What <c>pipeline cache</c> prints.</summary>
/// <param name="OldestUse">When the blob that would go first was last used; null in an empty cache.</param>
public sealed record CacheDescription(string Directory, int BlobCount, ByteSize Size, DateTimeOffset? OldestUse);

/// <summary>What a pruning took away and what is left.</summary>
public sealed record CachePruning(int RemovedCount, ByteSize Removed, ByteSize Left);

/// <summary>
/// Blobs by digest in a directory that all builds of a host share, also at the same time: <c>blobs/ALGORITHM/HEX</c>. A
/// blob gets its name only when it hashes to it, but disks rot, so whoever reads one hashes it again and says
/// <see cref="Discard"/> when it does not fit. Thread-safe.
/// </summary>
/// <param name="limitBytes">Above it the blobs used longest ago go; 0 is no limit.</param>
public sealed class BlobCache(string directory, long limitBytes, TimeProvider time)
{
    private static readonly TimeSpan OrphanAge = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<Digest, int> _pins = new();
    private readonly Lock _pinning = new();
    // Of the process: two caches on one directory must not take the same temporary name.
    private static int _partialCount;
    private int _swept;

    public string DirectoryPath => directory;

    private string Blobs => Path.Combine(directory, "blobs");

    private string Partials => Path.Combine(directory, "partial");

    private string Locks => Path.Combine(directory, "locks");

    /// <summary>The file of a blob, not yet hashed; null where it is not there. One of the wrong length is removed on sight.</summary>
    public string? Find(Digest digest, long? sizeBytes)
    {
        var path = PathOf(digest);
        var file = new FileInfo(path);
        if (!file.Exists)
            return null;
        if (sizeBytes is { } size && file.Length != size)
        {
            Discard(digest);
            return null;
        }
        Touch(path);
        return path;
    }

    /// <summary>A blob's bytes, not yet hashed; null where it is not there. The caller disposes the stream.</summary>
    public FileStream? TryOpenUnverified(Digest digest, long? sizeBytes)
    {
        try
        {
            return Find(digest, sizeBytes) is { } path
                ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.SequentialScan)
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null; // another process pruned it a moment ago
        }
    }

    /// <summary>A small blob, hashed; null where it is not there or not what it was: then it is removed.</summary>
    public byte[]? ReadDocument(Digest digest, int maxBytes)
    {
        using var file = TryOpenUnverified(digest, null);
        if (file is null || file.Length > maxBytes)
            return null;
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        if (BlobWriter.HashOf(digest, bytes) == digest)
            return bytes;
        Discard(digest);
        return null;
    }

    /// <summary>Keeps a small blob whose digest the caller has checked.</summary>
    public void StoreDocument(Digest digest, ReadOnlySpan<byte> bytes)
    {
        if (File.Exists(PathOf(digest)))
            return;
        using var writer = Begin(digest, bytes.Length);
        writer.Write(bytes);
        writer.Commit();
    }

    /// <summary>Begins a blob under a temporary name. It appears when <see cref="BlobWriter.Commit"/> finds that it hashes to its name.</summary>
    /// <param name="digest">Null where it is not known before: the hash becomes the name.</param>
    public BlobWriter Begin(Digest? digest, long? sizeBytes)
    {
        SweepOnce();
        Directory.CreateDirectory(Partials);
        var number = Interlocked.Increment(ref _partialCount);
        var path = Path.Combine(Partials, $"{digest?.Hex ?? "unknown"}.{Environment.ProcessId}.{number}");
        return new BlobWriter(this, path, digest, sizeBytes);
    }

    /// <summary>Waits while another thread or process is making progress with this blob, then gives the right to fetch it.</summary>
    /// <returns>Null when the other one holds it but stands still: the caller then goes on without the cache.</returns>
    public async Task<IDisposable?> LockAsync(Digest digest, CancellationToken ct)
    {
        Directory.CreateDirectory(Locks);
        var path = Path.Combine(Locks, digest.Hex);
        var patience = new BlobWait(Partials, digest);
        while (true)
        {
            if (TryLock(path) is { } held)
                return held;
            if (!await patience.NextAsync(ct))
                return null;
        }
    }

    /// <summary>While held, no <see cref="Prune"/> of this process takes the blob.</summary>
    public IDisposable Pin(Digest digest)
    {
        lock (_pinning)
            _pins[digest] = _pins.GetValueOrDefault(digest) + 1;
        return new PinHandle(this, digest);
    }

    /// <summary>Removes a blob that does not hash to its name, so that the next reader fetches it again.</summary>
    public void Discard(Digest digest)
    {
        if (Directory.Exists(Path.GetDirectoryName(PathOf(digest))))
            File.Delete(PathOf(digest));
    }

    public CacheDescription Describe()
    {
        var files = Files();
        return new(directory, files.Length, new ByteSize(files.Sum(f => f.LengthBytes)), files.IsEmpty ? null : files.Min(f => f.LastUse));
    }

    /// <summary>Removes blobs, those used longest ago first, until no more than <paramref name="limit"/> bytes are left.</summary>
    /// <remarks>What this process has in use stays; a blob that another process has open stays readable for it.</remarks>
    public CachePruning Prune(long limit)
    {
        var files = Files();
        var left = files.Sum(f => f.LengthBytes);
        var (count, removed) = (0, 0L);
        foreach (var file in files.OrderBy(f => f.LastUse).ThenBy(f => f.Path, StringComparer.Ordinal))
        {
            if (left - removed <= limit)
                break;
            if (!TryRemove(file.Path))
                continue;
            count++;
            removed += file.LengthBytes;
        }
        return new(count, new ByteSize(removed), new ByteSize(left - removed));
    }

    internal string PathOf(Digest digest) => Path.Combine(Blobs, digest.Algorithm, digest.Hex);

    internal void Accept(string partial, Digest digest)
    {
        var path = PathOf(digest);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Touch(partial);
        File.Move(partial, path, overwrite: true);
        if (limitBytes > 0)
        {
            using var pin = Pin(digest);
            Prune(limitBytes);
        }
    }

    internal bool TryRemove(string path)
    {
        lock (_pinning)
        {
            var algorithm = Path.GetFileName(Path.GetDirectoryName(path));
            if (Digest.TryParse($"{algorithm}:{Path.GetFileName(path)}", out var digest) && _pins.ContainsKey(digest))
                return false;
            try
            {
                File.Delete(path);
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    private void Unpin(Digest digest)
    {
        lock (_pinning)
        {
            if (--_pins[digest] == 0)
                _pins.TryRemove(digest, out _);
        }
    }

    /// <summary>What lies there now. Another process may remove any of it at any moment, also while this looks.</summary>
    internal ImmutableArray<CachedFile> Files()
    {
        var files = ImmutableArray.CreateBuilder<CachedFile>();
        if (!Directory.Exists(Blobs))
            return [];
        foreach (var file in new DirectoryInfo(Blobs).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            try
            {
                files.Add(new(file.FullName, file.Length, file.LastWriteTimeUtc));
            }
            catch (FileNotFoundException)
            {
                // removed since it was listed
            }
        }
        return files.ToImmutable();
    }

    /// <summary>The time of last use is the file's modification time: access times are switched off on many hosts.</summary>
    private void Touch(string path)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A cache that may only be read still serves.
        }
    }

    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            return null;
        }
    }

    /// <summary>Removes what crashed processes left. A living writer holds its file locked and younger than an hour.</summary>
    private void SweepOnce()
    {
        if (Interlocked.Exchange(ref _swept, 1) == 1 || !Directory.Exists(Partials))
            return;
        foreach (var file in new DirectoryInfo(Partials).EnumerateFiles())
        {
            if (time.GetUtcNow() - file.LastWriteTimeUtc < OrphanAge)
                continue;
            using var orphan = TryLock(file.FullName);
            if (orphan is not null)
                file.Delete();
        }
    }

    internal readonly record struct CachedFile(string Path, long LengthBytes, DateTimeOffset LastUse);

    private sealed class PinHandle(BlobCache cache, Digest digest) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                cache.Unpin(digest);
        }
    }
}
