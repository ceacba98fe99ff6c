using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Flashing;

/// <param name="Resumes">Reads before it writes, and leaves alone what is there already.</param>
/// <param name="Verifies">Reads back what was written.</param>
public sealed record FlashOptions(bool Resumes, bool Verifies);

public enum FlashStatus
{
    Done,

    /// <summary>The image or the device is not what it should be.</summary>
    Refused,

    /// <summary>The device failed, or gives back what was not written.</summary>
    Failed,
    Cancelled,
}

/// <param name="Written">Bytes that went to the disk.</param>
/// <param name="Equal">Bytes that were there already.</param>
/// <param name="Verified">Bytes that were read back and are right.</param>
/// <param name="IsBackupMoved">The backup GPT lies at the end of the disk, and not of the image.</param>
public sealed record FlashOutcome(
    FlashStatus Status, ByteSize Written, ByteSize Equal, ByteSize Verified, bool IsBackupMoved, ImmutableArray<Diagnostic> Diagnostics);
