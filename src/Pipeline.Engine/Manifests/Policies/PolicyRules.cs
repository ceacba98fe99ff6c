using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Manifests.Policies;

/// <summary>PL118x, PL119x: what an image says about when and from which tag it is built.</summary>
public static class PolicyRules
{
    public static readonly Rule FollowWhat =
        new("PL1180", Severity.Error, "'follow' has {0}; write one of 'tag', 'semver' and 'pattern'");

    public static readonly Rule FollowNeedsRepository =
        new("PL1181", Severity.Error, "'follow' chooses the tag, and the source '{0}' {1}; write HOST/NAME");

    public static readonly Rule Range =
        new("PL1182", Severity.Error, "'{0}' is not a range of versions ({1}); write for example '^1.2', '>=41 <43' or '1.x'");

    public static readonly Rule Pattern =
        new("PL1183", Severity.Error, "'{0}' cannot be used as a pattern of tags ({1}); write a regular expression without look-around and back references");

    public static readonly Rule Extract =
        new("PL1184", Severity.Error, "'{0}' names a group that the pattern does not have; it has {1}");

    public static readonly Rule OnlyWithPattern =
        new("PL1185", Severity.Error, "'{0}' goes with 'pattern'; a tag and a range of versions need no order");

    public static readonly Rule Time =
        new("PL1186", Severity.Error, "'{0}' is not a time; write a date and time in UTC such as '2026-12-24T06:00Z'");

    public static readonly Rule TimeOfDay =
        new("PL1187", Severity.Error, "'{0}' is not a time of day; write hours and minutes in UTC, quoted, such as '22:00'");

    public static readonly Rule Age =
        new("PL1188", Severity.Error, "'{0}' is not an age; write a number and h, d or w, such as 12h, 3d or 2w, at most 52w");

    public static readonly Rule FollowOverridden =
        new("PL1189", Severity.Error, "the tag '{0}' is not one; use letters, digits, '_', '.' and '-', at most 128");

    public static readonly Rule HoldsNothing =
        new("PL1191", Severity.Warning, "'hold' names no time, so nothing is held; write 'until' or 'windows', or leave it out");

    public static readonly Rule NoGap =
        new("PL1190", Severity.Warning, "the windows of 'hold' leave no gap, so nothing is ever built; shorten one, or say 'suspend: true'");
}
