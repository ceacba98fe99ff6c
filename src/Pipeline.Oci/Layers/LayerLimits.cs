namespace Pipeline.Oci.Layers;

/// <summary>How much a layer may ask for. Layers come from strangers: whatever they can make grow has a bound here.</summary>
internal static class LayerLimits
{
    /// <summary>NAME_MAX of Linux, in bytes.</summary>
    public const int NameBytes = 255;

    /// <summary>PATH_MAX of Linux, in bytes.</summary>
    public const int PathBytes = 4096;

    /// <summary>Longest target of a symbolic link that Linux takes, in bytes.</summary>
    public const int LinkTargetBytes = 4095;

    /// <summary>Directories inside each other. Symbolic links let a tree grow deeper than any path of the tar is long.</summary>
    public const int Depth = PathBytes / 2;

    /// <summary>Entries of one layer.</summary>
    public const int Entries = 4_000_000;

    /// <summary>One extended header, long name or sparse map, in bytes.</summary>
    public const int HeaderBytes = 8 << 20;

    /// <summary>Names, link targets, attributes and sparse maps of one layer, in bytes of memory.</summary>
    public const long MetadataBytes = 512L << 20;

    /// <summary>The largest file that ext4 can hold with blocks of 4 KiB, in bytes.</summary>
    public const long FileBytes = 16L << 40;

    /// <summary>XATTR_NAME_MAX of Linux, in bytes.</summary>
    public const int XattrNameBytes = 255;

    /// <summary>XATTR_SIZE_MAX of Linux, in bytes.</summary>
    public const int XattrValueBytes = 64 << 10;

    /// <summary>Complaints kept of one layer; who has made so many mistakes need not see all.</summary>
    public const int Complaints = 25;
}
