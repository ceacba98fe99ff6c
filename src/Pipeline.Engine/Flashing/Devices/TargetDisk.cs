using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Flashing.Devices;

/// <summary>
/// A disk that is open for this process alone. Writes go through the page cache and are waited for every
/// <see cref="FlushBytes"/>, so that progress is true and an interruption short; reads come from the medium
/// (O_DIRECT; where a file system in memory has none, the cache is dropped before).
/// </summary>
public sealed class TargetDisk : IDisposable
{
    public const int FlushBytes = 32 << 20;

    /// <summary>What direct reads must be aligned to: no device has larger sectors.</summary>
    private const int Alignment = 4096;

    private readonly SafeFileHandle _writing;
    private readonly SafeFileHandle? _direct;
    private readonly bool _isDevice;
    private byte[] _buffer = [];
    private int _bufferStart;
    private long _unflushed;

    private TargetDisk(SafeFileHandle writing, SafeFileHandle? direct, FlashTarget target) =>
        (_writing, _direct, _isDevice, LengthBytes) = (writing, direct, target.Device is not null, target.LengthBytes);

    public long LengthBytes { get; }

    public static Result<TargetDisk> Open(FlashTarget target)
    {
        var writing = PosixDevice.OpenForWriting(target.Path, target.Device is not null, out var error);
        if (writing is not null)
            return new TargetDisk(writing, PosixDevice.OpenDirect(target.Path), target);
        var shown = target.Shown;
        return Result<TargetDisk>.Failed(error switch
        {
            PosixDevice.BusyError => Diagnostic.Create(FlashRules.IsBusy, null, shown),
            PosixDevice.AccessError or PosixDevice.PermissionError => Diagnostic.Create(FlashRules.NotPermitted, null, shown),
            PosixDevice.ReadOnlyError => Diagnostic.Create(FlashRules.IsReadOnly, null, shown),
            PosixDevice.NoMediumError => Diagnostic.Create(FlashRules.IsEmpty, null, shown),
            _ => Diagnostic.Create(FlashRules.WriteFailed, null, shown, PosixDevice.Describe(error)),
        });
    }

    /// <exception cref="IOException">The device failed.</exception>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offsetBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, LengthBytes - offsetBytes);
        RandomAccess.Write(_writing, data, offsetBytes);
        _unflushed += data.Length;
        if (_unflushed >= FlushBytes)
            Flush();
    }

    /// <summary>Waits until everything is on the medium.</summary>
    public void Flush()
    {
        RandomAccess.FlushToDisk(_writing);
        _unflushed = 0;
    }

    /// <summary>Forgets what the kernel keeps in memory: what is read from now on, also by others, comes from the medium.</summary>
    public void DropCache()
    {
        Flush();
        PosixDevice.DropCache(_writing);
    }

    /// <summary>Bytes from the medium; valid until the next call. What lies beyond its end reads as nothing.</summary>
    public ReadOnlySpan<byte> Read(long offsetBytes, int count)
    {
        var start = offsetBytes / Alignment * Alignment;
        var end = Math.Min((offsetBytes + count + Alignment - 1) / Alignment * Alignment, LengthBytes);
        var wanted = Buffer((int)Math.Max(0, end - start));
        var total = 0;
        while (total < wanted.Length)
        {
            var got = RandomAccess.Read(_direct ?? _writing, wanted[total..], start + total);
            if (got == 0)
                break;
            total += got;
            // A direct read that ends off a sector is at the end of a file.
            if (_direct is not null && got % 512 != 0)
                break;
        }
        var skip = (int)(offsetBytes - start);
        return wanted[skip..Math.Max(skip, Math.Min(total, skip + count))];
    }

    public void RereadPartitionTable()
    {
        if (_isDevice)
            PosixDevice.RereadPartitionTable(_writing);
    }

    public void Dispose()
    {
        _direct?.Dispose();
        _writing.Dispose();
    }

    /// <summary>Direct reads want aligned memory, so it is taken from the heap that does not move.</summary>
    private Span<byte> Buffer(int count)
    {
        if (_buffer.Length < count + Alignment)
        {
            _buffer = GC.AllocateUninitializedArray<byte>(count + Alignment, pinned: true);
            _bufferStart = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(_buffer, 0) & (Alignment - 1));
        }
        return _buffer.AsSpan(_bufferStart, count);
    }
}
