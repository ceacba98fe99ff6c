using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Listing;

/// <summary>PL65xx: what is missing in lists for other programs, and why.</summary>
public static class ListingRules
{
    public static readonly Rule Unreadable =
        new("PL6501", Severity.Warning, "release {0} of image '{1}' is in no list ({2}); release the image again");

    public static readonly Rule NoAddress =
        new("PL6502", Severity.Warning, "'{0}' of image '{1}' is not in the list for Raspberry Pi Imager, because nobody knows its address; say --files-at with the address at which the directory of releases is served");

    public static readonly Rule InPieces =
        new("PL6503", Severity.Warning, "'{0}' of image '{1}' is not in the list for Raspberry Pi Imager, because it is kept in another form there ({2}); have the output packed so that it is smaller");

    public static readonly Rule NoUnpackedSize =
        new("PL6504", Severity.Warning, "'{0}' of image '{1}' is not in the list for Raspberry Pi Imager, because its release does not say what it unpacks to; build the board again (--force)");

    public static readonly Rule NotOffered =
        new("PL6505", Severity.Warning, "'{0}' of release {1} of image '{2}' is not offered for updates ({3}); the next run tries again");
}
