using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Publishing;

/// <summary>PL5xxx: what keeps a built image from being released.</summary>
public static class PublishingRules
{
    public static readonly Rule DuplicateFile =
        new("PL5001", Severity.Error, "two targets of image '{0}' are both called '{1}' in its release; give the boards or outputs names that differ");

    public static readonly Rule UnsuitableName =
        new("PL5002", Severity.Error, "'{0}' cannot be the name of a release's file; expected letters, digits, '.', '_' and '-', a letter or digit first and last, and none of the names of the release's own documents");

    public static readonly Rule Overtaken =
        new("PL5003", Severity.Error, "image '{0}' was released as {1} by somebody else while it was built here, from other inputs; run again");

    public static readonly Rule UnreadableRecord =
        new("PL5004", Severity.Warning, "the record of release {0} of image '{1}' cannot be read ({2}); the image is built anew");

    public static readonly Rule NotPruned =
        new("PL5005", Severity.Warning, "old releases of image '{0}' could not be deleted ({1}); the next run tries again");
}
