using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Flashing;

/// <summary>Why nothing is written, and what went wrong while it was.</summary>
public static class FlashRules
{
    public static readonly Rule NotLinux =
        new("PL6200", Severity.Error, "flashing needs Linux (it reads /sys and /proc to tell a card from the system's disk); here, write '{0}' with the system's own tool");

    // The image.
    public static readonly Rule NoImage =
        new("PL6201", Severity.Error, "there is no image '{0}': no file, no release directory and no release of that name in {1}; check the name");

    public static readonly Rule NoChecksums =
        new("PL6226", Severity.Error, "the directory '{0}' has no SHA256SUMS, so it is no release; download that too, or name the image file");

    public static readonly Rule NoImageInRelease =
        new("PL6202", Severity.Error, "'{0}' holds no disk image{1}; expected one of {2}");

    public static readonly Rule SeveralImages =
        new("PL6203", Severity.Error, "'{0}' holds several images; say --board with one of {1}");

    public static readonly Rule BadChecksumFile =
        new("PL6204", Severity.Error, "'{0}' cannot be read as checksums: {1}; download it again");

    public static readonly Rule MissingAsset =
        new("PL6205", Severity.Error, "'{0}' lists '{1}', which is not beside it; download it too");

    public static readonly Rule BadBlockMap =
        new("PL6206", Severity.Error, "the block map '{0}' cannot be used: {1}; download it again, or say --no-bmap to write everything");

    public static readonly Rule NotADiskImage =
        new("PL6207", Severity.Error, "'{0}' is not a disk image: {1}; expected one that begins with a partition table");

    public static readonly Rule DamagedGpt =
        new("PL6208", Severity.Error, "the partition table of '{0}' is damaged: {1}; download or build it again");

    public static readonly Rule EndsEarly =
        new("PL6209", Severity.Error, "'{0}' ends at byte {1}, and should have {2}; download it again");

    // The device.
    public static readonly Rule NoDevice =
        new("PL6210", Severity.Error, "there is no device '{0}'; 'pipeline flash' lists those that there are");

    public static readonly Rule NotADevice =
        new("PL6211", Severity.Error, "'{0}' is {1}, expected a whole disk such as /dev/sdb (a file needs --file)");

    public static readonly Rule IsPartition =
        new("PL6212", Severity.Error, "'{0}' is a partition of {1}; an image has a partition table of its own, so name the whole disk");

    public static readonly Rule IsSystemDisk =
        new("PL6213", Severity.Error, "'{0}' is the disk that this system runs from ({1} lies on it); name another one");

    public static readonly Rule IsMounted =
        new("PL6214", Severity.Error, "'{0}' is in use: {1} is mounted at {2}; unmount it first");

    public static readonly Rule IsSwap =
        new("PL6215", Severity.Error, "'{0}' is in use: {1} is swap space; turn it off first (swapoff)");

    public static readonly Rule IsHeld =
        new("PL6216", Severity.Error, "'{0}' is in use: {1} is part of {2}; take that apart first (LVM, encryption, RAID)");

    public static readonly Rule IsReadOnly =
        new("PL6217", Severity.Error, "'{0}' cannot be written; many cards have a switch for that");

    public static readonly Rule IsEmpty =
        new("PL6218", Severity.Error, "'{0}' has no medium, or one of no size; put in a card");

    public static readonly Rule TooSmall =
        new("PL6219", Severity.Error, "'{0}' has {1} ({2} bytes), the image needs {3} ({4} bytes); take a larger one");

    public static readonly Rule SectorsDiffer =
        new("PL6220", Severity.Error, "'{0}' has sectors of {1} bytes, the image is made for {2}; no firmware would find its partitions there, build it with sectorSize: {1}");

    public static readonly Rule IsStack =
        new("PL6221", Severity.Error, "'{0}' is {1}, which lies on other disks; name the disk itself");

    public static readonly Rule IsBusy =
        new("PL6222", Severity.Error, "'{0}' is opened by another program for itself; end that program, or unmount what it mounted");

    public static readonly Rule NotPermitted =
        new("PL6223", Severity.Error, "'{0}' may not be written by this user; call it with sudo");

    public static readonly Rule IsTheImage =
        new("PL6224", Severity.Error, "'{0}' is the image itself; name another file");

    public static readonly Rule NoSuchFile =
        new("PL6225", Severity.Error, "'{0}' is {1}, and --file takes a file that has the disk's length already; make one (truncate -s 8G FILE)");

    // While writing.
    public static readonly Rule ImageDiffersFromMap =
        new("PL6230", Severity.Error, "'{0}' differs from its block map at bytes {1} to {2}; it is damaged or not the map's image, download both again");

    public static readonly Rule ImageDiffersFromChecksum =
        new("PL6231", Severity.Error, "'{0}' has the checksum {1}, SHA256SUMS says {2}; download it again");

    public static readonly Rule DamagedImage =
        new("PL6232", Severity.Error, "'{0}' is damaged: {1}; download it again");

    public static readonly Rule LongerThanDisk =
        new("PL6233", Severity.Error, "'{0}' unpacks to more than the {1} bytes of the disk; take a larger one");

    public static readonly Rule WriteFailed =
        new("PL6234", Severity.Error, "'{0}' failed while it was written ({1}); try again, or another card or reader");

    public static readonly Rule HalfWritten =
        new("PL6235", Severity.Warning, "'{0}' is half-written and starts nothing: its partition table was wiped first and is written last; begin again (--resume writes only what is missing)");

    public static readonly Rule ImageFailed =
        new("PL6236", Severity.Error, "'{0}' cannot be read ({1}); try again");

    public static readonly Rule UnpacksDifferently =
        new("PL6237", Severity.Error, "'{0}' unpacks to {1} bytes with the checksum {2}, and the release says {3} bytes with {4}; download it again, and inputs.json with it");

    public static readonly Rule ReadsDifferently =
        new("PL6240", Severity.Error, "'{0}' reads back other bytes than were written, first between bytes {1} and {2} ({3} of {4} pieces); do not use this card, it is worn out or smaller than it says");

    public static readonly Rule ReadBackFailed =
        new("PL6241", Severity.Error, "'{0}' was written, but cannot be read back ({1}); do not trust it, try again or another card or reader");

    public static readonly Rule BackupNotMoved =
        new("PL6242", Severity.Warning, "the entries of the GPT lie {0} bytes into the image, further than looked at; the backup table stays at the image's end, 'sgdisk -e' moves it");
}
