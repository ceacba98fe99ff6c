using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Manifests.Models;

public enum FollowKind
{
    /// <summary>One tag, wherever it leads.</summary>
    Tag,

    /// <summary>The highest version of a range.</summary>
    Semver,

    /// <summary>Of the tags that a pattern matches, the first by an order.</summary>
    Pattern,
}

public enum TagOrder
{
    Semver,
    Numerical,
    Alphabetical,
}

/// <summary>Which tag of its repository an image's source is.</summary>
/// <param name="Text">The tag, the range or the regular expression.</param>
/// <param name="Extract">With a pattern: what of a tag is compared, in the words of <see cref="System.Text.RegularExpressions.Match.Result"/>; null is the whole tag.</param>
/// <param name="PickLowest">The lowest in place of the highest.</param>
public sealed record FollowPolicy(FollowKind Kind, string Text, string? Extract, TagOrder Order, bool PickLowest, SourceSpan Span);

/// <summary>When nothing new of an image is built or released. Forced builds pass.</summary>
/// <param name="Until">Not before this time.</param>
public sealed record HoldPolicy(DateTimeOffset? Until, ImmutableArray<HoldWindow> Windows);

/// <summary>A time of the week in UTC. A window whose end is not after its beginning ends on the next day.</summary>
/// <param name="Days">Of the beginning.</param>
public sealed record HoldWindow(ImmutableArray<DayOfWeek> Days, TimeOnly From, TimeOnly To);

public enum PublishPolicy
{
    /// <summary>A release has every target anew, or there is none.</summary>
    AllOrNothing,

    /// <summary>What was built is released; of what failed the last good files stay.</summary>
    WhatBuilt,
}
