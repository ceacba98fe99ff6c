using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Resolving;

/// <summary>PL30xx: what keeps a target from being planned; PL90xx: the outside did not answer.</summary>
public static class ResolvingRules
{
    public static readonly Rule BoardUnusable =
        new("PL3001", Severity.Error, "board '{0}' of image '{1}' does not exist or has mistakes of its own; mend it, or take it out of 'boards'");

    public static readonly Rule ScriptMissing =
        new("PL3002", Severity.Error, "there is no script '{0}'; 'command:' expects the path of a file relative to the manifest's folder");

    public static readonly Rule ScriptOutside =
        new("PL3003", Severity.Error, "the script '{0}' lies outside of the manifest's folder; move it there, so that its folder tells when it changed");

    public static readonly Rule FolderTooLarge =
        new("PL3004", Severity.Error, "the folder of script '{0}' holds more than {1}; keep what the script makes elsewhere, it is read at every plan");

    public static readonly Rule FolderOddEntry =
        new("PL3005", Severity.Error, "'{0}' in the folder of a script is neither a file, a directory nor a link; take it away");

    public static readonly Rule UnknownImage =
        new("PL3006", Severity.Error, "there is no image '{0}'; expected one of {1}");

    public static readonly Rule UnknownBoard =
        new("PL3007", Severity.Error, "no selected image has a board '{0}'; expected one of {1}");

    public static readonly Rule NoTag =
        new("PL3009", Severity.Error, "no tag of '{1}' is meant by '{0}'; the tags there are: {2}; mend 'follow', or push such a tag");

    public static readonly Rule Unreachable =
        new("PL9001", Severity.Warning, "'{0}' cannot be looked at now ({1}); its last release stays, try again later");
}
