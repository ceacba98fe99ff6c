using Pipeline.Core.Units;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Publishing.Directories;

/// <summary>A release being put together in a staging directory beside its future place; holds the image's lock.</summary>
internal sealed class DirectoryDraft(ImageShelf shelf, string image, ReleaseVersion version, ReleaseLock held) : IReleaseDraft
{
    private readonly string _staging = shelf.Staging(version);
    private bool _isPublished;

    public required PublishedRelease? Previous { get; init; }

    public required Action<string> Checkpoint { get; init; }

    public string Version => version.ToString();

    public async Task AddAsync(ReleaseFile file, string localPath, CancellationToken ct)
    {
        Checkpoint("add " + file.Name);
        await LinkOrCopyAsync(localPath, file, ct);
    }

    public async Task CarryAsync(ReleaseFile file, CancellationToken ct)
    {
        if (Previous is null)
            throw new InvalidOperationException("there is no release to carry files over from");
        Checkpoint("carry " + file.Name);
        await LinkOrCopyAsync(Path.Combine(shelf.Child(Previous.Version), file.Name), file, ct);
    }

    public async Task<byte[]?> ReadPreviousAsync(ReleaseFile file, int limitBytes, CancellationToken ct)
    {
        if (Previous is null || !ReleaseNames.IsValid(file.Name) || file.Size.Bytes > limitBytes)
            return null;
        var found = new FileInfo(Path.Combine(shelf.Child(Previous.Version), file.Name));
        if (!found.Exists || found.Length != file.Size.Bytes)
            return null;
        var bytes = await File.ReadAllBytesAsync(found.FullName, ct);
        return Digest.Sha256(bytes) == file.Sha256 ? bytes : null;
    }

    public async Task WriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        Checkpoint("write " + name);
        await File.WriteAllBytesAsync(Staged(name), content, ct);
        PosixFiles.SyncFile(Staged(name));
    }

    public Task<Release> PublishAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        PosixFiles.SyncDirectory(_staging);
        Checkpoint("point");
        File.Delete(shelf.NextLatest);
        File.CreateSymbolicLink(shelf.NextLatest, Version);
        Checkpoint("publish");
        PosixFiles.Rename(_staging, shelf.Release(version));
        _isPublished = true;
        PosixFiles.SyncDirectory(shelf.Path);
        Checkpoint("latest");
        PosixFiles.Rename(shelf.NextLatest, shelf.Latest);
        PosixFiles.SyncDirectory(shelf.Path);
        return Task.FromResult(new Release(image, Version, shelf.Release(version)));
    }

    public ValueTask DisposeAsync()
    {
        try
        {
            if (!_isPublished && Directory.Exists(_staging))
            {
                Checkpoint("abandon");
                Directory.Delete(_staging, recursive: true);
            }
        }
        finally
        {
            held.Dispose();
        }
        return ValueTask.CompletedTask;
    }

    private async Task LinkOrCopyAsync(string from, ReleaseFile file, CancellationToken ct)
    {
        var length = new FileInfo(from).Length;
        if (length != file.Size.Bytes)
            throw new InvalidDataException($"{from} has {length} bytes, expected {file.Size.Bytes}");
        var to = Staged(file.Name);
        if (!PosixFiles.TryLink(from, to))
            await SparseCopy.CopyAsync(from, to, file.Sha256, ct);
        PosixFiles.SyncFile(to);
    }

    private string Staged(string name) =>
        ReleaseNames.IsValid(name) ? Path.Combine(_staging, name) : throw new ArgumentException($"'{name}' is not a release file's name");
}
