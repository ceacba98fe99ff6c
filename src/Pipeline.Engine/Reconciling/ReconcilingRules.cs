using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Reconciling;

/// <summary>PL31xx: what keeps an image from being built in this run; PL91xx: the outside failed on the way.</summary>
public static class ReconcilingRules
{
    public static readonly Rule NothingReleased =
        new("PL3101", Severity.Error, "nothing of image '{0}' is released, because {1} of its {2} targets failed ({3}); its last release stays");

    public static readonly Rule ManifestInvalid =
        new("PL3102", Severity.Error, "image '{0}' is not built, because its manifest or pipeline.yaml has mistakes; mend them, its last release stays");

    public static readonly Rule PartlyReleased =
        new("PL3103", Severity.Error, "image '{0}' is released without {1} of its {2} new targets, which failed ({3}); their last good files stay in it");

    public static readonly Rule BuildInterrupted =
        new("PL9101", Severity.Error, "image '{0}' could not be built ({1}); its last release stays, try again");

    public static readonly Rule PublishInterrupted =
        new("PL9102", Severity.Error, "image '{0}' was built but could not be released ({1}); its last release stays, try again");

    public static readonly Rule StoreUnreachable =
        new("PL9103", Severity.Error, "the release store cannot be read ({0}); try again");

    public static readonly Rule RepositoryUnreadable =
        new("PL9104", Severity.Error, "the manifests cannot be read ({0}); this round is left out, the next one tries again");
}
