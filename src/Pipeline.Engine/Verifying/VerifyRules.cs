using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Verifying;

/// <summary>PL63xx: what is wrong with a release or a download.</summary>
public static class VerifyRules
{
    public static readonly Rule NotFound =
        new("PL6301", Severity.Error, "there is no file and no release '{0}'; name a file or directory with its SHA256SUMS, or IMAGE[/VERSION] of {1}");

    public static readonly Rule NoChecksums =
        new("PL6302", Severity.Error, "{0} has no SHA256SUMS, so nothing says what its files should be; download that too");

    public static readonly Rule BadDocument =
        new("PL6303", Severity.Error, "{0} cannot be read ({1}); download it again, or do not trust it");

    public static readonly Rule Missing =
        new("PL6304", Severity.Error, "'{0}' is listed in SHA256SUMS and is not there; download it, or name the one file that is to be verified");

    public static readonly Rule Differs =
        new("PL6305", Severity.Error, "'{0}' is not what was released: its digest is {1}…, SHA256SUMS says {2}…; download it again");

    public static readonly Rule Unlisted =
        new("PL6306", Severity.Warning, "'{0}' is not in SHA256SUMS, so nothing says what it is");

    public static readonly Rule NotListed =
        new("PL6307", Severity.Error, "'{0}' is not in the SHA256SUMS beside it, so nothing says what it should be");

    public static readonly Rule NotSigned =
        new("PL6308", Severity.Error, "{0} is not signed, and a signature of the key {1}… was expected");

    public static readonly Rule WrongSignature =
        new("PL6309", Severity.Error, "'{0}' is no signature of SHA256SUMS by the key {1}…; one of them was changed, or another key signed");

    public static readonly Rule BundleDiffers =
        new("PL6310", Severity.Error, "'{0}' does not hold the signature of SHA256SUMS.sig for this SHA256SUMS; one of them was changed");

    public static readonly Rule KeyUnknown =
        new("PL6311", Severity.Warning, "the release is signed, and no key says by whom it should be; give the public key with --key");

    public static readonly Rule KeyUnusable =
        new("PL6312", Severity.Error, "'{0}' cannot be used as the key to verify with: {1}");

    public static readonly Rule NoProvenance =
        new("PL6313", Severity.Warning, "{0} has no provenance, so nothing says what it was built from");

    public static readonly Rule StatementUnsigned =
        new("PL6314", Severity.Error, "statement {0} of '{1}' has no signature of the key {2}…; it was changed, or another key signed");

    public static readonly Rule BadStatement =
        new("PL6315", Severity.Error, "statement {0} of '{1}' is no provenance of a release: {2}");

    public static readonly Rule SubjectDiffers =
        new("PL6316", Severity.Error, "provenance and SHA256SUMS disagree about '{0}': {1} and {2}");

    public static readonly Rule RecordDiffers =
        new("PL6317", Severity.Error, "{0} and inputs.json disagree about {1}; one of them was changed");

    public static readonly Rule OtherRelease =
        new("PL6318", Severity.Error, "this is release {0}, where {1} was asked for; it may be an old one in place of a new one");

    public static readonly Rule NoRecord =
        new("PL6320", Severity.Error, "{0} has no inputs.json that can be read, so it cannot be built again");

    public static readonly Rule NoSuchTarget =
        new("PL6321", Severity.Error, "the manifests do not ask for {0}, which the release holds; take those of commit {1} (--ref)");

    public static readonly Rule InputDiffers =
        new("PL6322", Severity.Error, "{0} cannot be built again as it was: {1} was {2}, and is {3} here");

    public static readonly Rule NotRebuilt =
        new("PL6323", Severity.Error, "{0} could not be built again, so there is nothing to compare with");

    public static readonly Rule BytesDiffer =
        new("PL6324", Severity.Error, "'{0}' is not what its inputs give: it differs first at byte {1} of the image, in {2}");

    public static readonly Rule SidecarDiffers =
        new("PL6325", Severity.Error, "'{0}' is not what its inputs give: it differs first at byte {1}");

    public static readonly Rule PackedDiffers =
        new("PL6326", Severity.Warning, "'{0}' holds the very image that its inputs give, packed in other bytes: another version of the compression's library");

    public static readonly Rule NotChecked =
        new("PL6328", Severity.Warning, "SHA256SUMS lists '{0}', which is no name that a file of a release has, so that was not checked; do not trust such a file");

    public static readonly Rule NothingToRebuild =
        new("PL6327", Severity.Error, "{0} holds nothing of board '{1}'; there is {2}");
}
