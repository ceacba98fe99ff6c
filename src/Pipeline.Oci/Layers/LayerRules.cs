using Pipeline.Core.Diagnostics;

namespace Pipeline.Oci.Layers;

/// <summary>What can be wrong with the layers of an image. {0} is the layer, {1} the entry of its tar where there is one.</summary>
public static class LayerRules
{
    public static readonly Rule BlobMismatch = new("PL2410", Severity.Error,
        "{0} is not what the manifest promises: {1}; pull it again, or have its publisher push it again");

    public static readonly Rule DiffIdMismatch = new("PL2411", Severity.Error,
        "{0} unpacks to {1}, but the image's configuration says {2}; the image must be built and pushed again");

    public static readonly Rule LayerCount = new("PL2412", Severity.Error,
        "the manifest has {0} layers, but the image's configuration has {1} diff-ids; the image must be built and pushed again");

    public static readonly Rule BrokenArchive = new("PL4001", Severity.Error,
        "{0} cannot be unpacked: {1}; the image must be built and pushed again");

    public static readonly Rule NameTooLong = new("PL4002", Severity.Error,
        "{0} has an entry '{1}' with a name of {2} bytes; no file system here takes more than {3}, so shorten it in the image");

    public static readonly Rule PathTooLong = new("PL4003", Severity.Error,
        "{0} has an entry '{1}' with a path of {2} bytes; Linux takes at most {3}, so shorten it in the image");

    public static readonly Rule PathLeavesRoot = new("PL4004", Severity.Error,
        "{0} has an entry '{1}' with '..' in its path '{2}'; a layer may only name what is inside its tree");

    public static readonly Rule BadName = new("PL4005", Severity.Error,
        "{0} has an entry '{1}' that {2}; remove it from the image");

    public static readonly Rule LinkTargetMissing = new("PL4006", Severity.Error,
        "{0} has a hard link '{1}' to '{2}', which is neither in this layer before it nor in a lower one; build the image again");

    public static readonly Rule LinkToDirectory = new("PL4007", Severity.Error,
        "{0} has a hard link '{1}' to '{2}', which is a directory; only files can have several names");

    public static readonly Rule ParentNotDirectory = new("PL4008", Severity.Error,
        "{0} has an entry '{1}' below something that is not a directory; the layer must replace it by a directory first");

    public static readonly Rule LinkLoop = new("PL4009", Severity.Error,
        "{0} has an entry '{1}' whose parents are symbolic links in a loop; mend the links in the image");

    public static readonly Rule TooDeep = new("PL4010", Severity.Error,
        "{0} has an entry '{1}' inside more than {2} directories; no path could reach it");

    public static readonly Rule UnknownType = new("PL4011", Severity.Error,
        "{0} has an entry '{1}' of the tar type '{2}', which means nothing in an image; expected a file, a directory, a link, a device or a fifo");

    public static readonly Rule BadXattr = new("PL4012", Severity.Error,
        "{0} has an entry '{1}' with the extended attribute '{2}', whose {3} is longer than Linux takes ({4} bytes); remove it from the image");
}
