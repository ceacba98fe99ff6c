using Pipeline.Core.Units;

namespace Pipeline.Oci.Cache;

/// <summary>
/// Patience with whoever fetches the same blob: as long as its partial file grows. Without a limit two builds that each
/// hold what the other one wants, or one that opens the same layer twice, would wait forever.
/// </summary>
internal sealed class BlobWait(string partials, Digest digest)
{
    private const int PollMilliseconds = 50;
    private const int MaxStillPolls = 200; // ten seconds
    private long _seenBytes = -1;
    private int _stillPolls;

    /// <summary>Waits a moment; false when nothing has moved for too long.</summary>
    public async Task<bool> NextAsync(CancellationToken ct)
    {
        var bytes = PartialBytes();
        _stillPolls = bytes == _seenBytes ? _stillPolls + 1 : 0;
        _seenBytes = bytes;
        if (_stillPolls >= MaxStillPolls)
            return false;
        await Task.Delay(PollMilliseconds, ct);
        return true;
    }

    private long PartialBytes()
    {
        try
        {
            return new DirectoryInfo(partials).EnumerateFiles(digest.Hex + ".*").Sum(f => f.Length);
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            return 0; // it was renamed between the listing and the look
        }
    }
}
