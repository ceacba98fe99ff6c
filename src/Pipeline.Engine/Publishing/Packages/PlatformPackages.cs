using System.Collections.Immutable;
using Pipeline.Engine.Inventories;
using Pipeline.Engine.Inventories.Changes;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Publishing.Packages;

/// <summary>What a release knows of the one before.</summary>
public enum Past
{
    /// <summary>There is none: the first release, or a platform that is new.</summary>
    None,
    Known,

    /// <summary>There was a release, and its list is not there: it was made by an older program, or the file is gone.</summary>
    Lost,
}

/// <summary>What a platform of an image stands on, before and now.</summary>
/// <param name="Targets">Ids of all that stand on it, in order.</param>
/// <param name="File">The list, as the release holds it where it holds one.</param>
/// <param name="Old">Null unless <see cref="Past"/> is known.</param>
public sealed record PlatformPackages(ImmutableArray<string> Targets, ReleaseFile File, SourceInventory New, SourceInventory? Old, Past Past)
{
    public string Platform => New.Platform;

    /// <summary>A container in which nothing was found has no list.</summary>
    public bool IsReleased => New.IsWorthKeeping;

    /// <summary>Both lists say something: one that could not be read would make everything come or go.</summary>
    public bool IsComparable => Old is not null && !IsUnread(Old) && !IsUnread(New);

    /// <summary>Empty where nothing changed, and where that cannot be told.</summary>
    public ImmutableArray<PackageChange> Changes { get; } = Old is null || IsUnread(Old) || IsUnread(New) ? [] : PackageDiff.Compare(Old.Packages, New.Packages);

    private static bool IsUnread(SourceInventory source) => source.Packages is { Packages.IsEmpty: true, Unreadable.IsEmpty: false };
}
