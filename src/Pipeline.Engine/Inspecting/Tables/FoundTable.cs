using System.Collections.Immutable;

namespace Pipeline.Engine.Inspecting.Tables;

/// <summary>A partition table as it was read. Entries may say anything; nothing about them was checked.</summary>
internal sealed record FoundTable(TableMap Map, ImmutableArray<FoundEntry> Entries);

/// <param name="LastLba">Inclusive.</param>
internal sealed record FoundEntry(
    int Number, string Name, ulong FirstLba, ulong LastLba, string Type, string? TypeName, string Id, ImmutableArray<string> Flags);
