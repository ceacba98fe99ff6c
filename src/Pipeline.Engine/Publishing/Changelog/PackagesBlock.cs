using System.Text;
using Pipeline.Engine.Inventories.Changes;
using Pipeline.Engine.Publishing.Packages;

namespace Pipeline.Engine.Publishing.Changelog;

/// <summary>
/// What became of the packages: how many, then a table for each kind of change, packages of one source in one row. What all
/// platforms share is told once. Long tables fold; what is too long for a release's text is left to the file for machines.
/// </summary>
internal static class PackagesBlock
{
    /// <summary>Of tables. GitHub takes 125 000 characters for all of a release's text.</summary>
    public const int LimitCharacters = 50_000;

    private const int FoldedRows = 25;

    public static string Write(ReleaseNotesInput input)
    {
        if (input.Platforms.IsEmpty)
            return "";
        var text = new StringBuilder();
        foreach (var same in input.Platforms.GroupBy(p => Summary(p, input)))
            text.Append(input.Platforms.Length > 1 ? $"- {string.Join(", ", same.Select(p => Markdown.Code(p.Platform)))}: {same.Key}\n" : same.Key + "\n");
        var tables = new Tables(text, input);
        var rows = input.Platforms.Where(p => p.IsComparable).ToDictionary(p => p, p => SourceRow.Group(p.Changes).Select(PackageLine.Of).ToList());
        var common = rows.Count < 2 ? [] : rows.Values.Skip(1).Aggregate(rows.Values.First().AsEnumerable(), (a, b) => a.Intersect(b)).ToList();
        if (rows.Count > 1 && common.Count > 0)
            tables.Write("On all platforms", common);
        foreach (var (platform, own) in rows)
            tables.Write(rows.Count > 1 ? $"On {Markdown.Code(platform.Platform)}{(common.Count > 0 ? " only" : "")}" : null, [.. own.Except(common)]);
        tables.Finish();
        return text.ToString().TrimEnd('\n');
    }

    private static string Summary(PlatformPackages platform, ReleaseNotesInput input)
    {
        var packages = platform.New.Packages;
        var list = Markdown.Code(platform.File.Name);
        if (packages.Packages.IsEmpty)
            return packages.Unreadable.IsEmpty
                ? "No package database in the container."
                : $"The packages could not be read: {string.Join("; ", packages.Unreadable.Select(Markdown.Escape))}.";
        var count = $"{(packages.Packages.Length == 1 ? "1 package" : $"{packages.Packages.Length} packages")}, listed in {list}";
        var partial = packages.Unreadable.IsEmpty ? "" : $" Not all could be read: {string.Join("; ", packages.Unreadable.Select(Markdown.Escape))}.";
        return platform.Past switch
        {
            Past.None => $"{count}.{partial}",
            Past.Lost => $"{count}. What changed cannot be told, because {input.New.Previous} has no list of its packages.{partial}",
            _ when !platform.IsComparable => $"{count}. What changed cannot be told, because those of {input.New.Previous} could not be read.{partial}",
            _ when platform.Changes.IsEmpty => $"{count}; none changed.{partial}",
            _ => $"{count}; {Kinds(platform)}.{partial}",
        };
    }

    private static string Kinds(PlatformPackages platform) =>
        string.Join(", ", platform.Changes.GroupBy(c => c.Kind).OrderBy(g => g.Key).Select(g => $"{g.Count()} {PackageLine.Word(g.Key)}"));

    /// <summary>A row as it will stand, so that platforms can be compared by what is read.</summary>
    private sealed record PackageLine(ChangeKind Kind, string Line, int Packages)
    {
        public static PackageLine Of(SourceRow row)
        {
            var cells = row.Kind switch
            {
                ChangeKind.Added => $"| {PackageRow.Name(row)} | {PackageRow.Versions(row.New)} |",
                ChangeKind.Removed => $"| {PackageRow.Name(row)} | {PackageRow.Versions(row.Old)} |",
                ChangeKind.ArchitectureChanged =>
                    $"| {PackageRow.Name(row)} | {PackageRow.Versions(row.Old)} {Markdown.Escape(row.Changes[0].OldArchitecture!)} | {PackageRow.Versions(row.New)} {Markdown.Escape(row.Changes[0].Architecture)} |",
                _ => $"| {PackageRow.Name(row)} | {PackageRow.Versions(row.Old)} | {PackageRow.Versions(row.New)} |",
            };
            return new(row.Kind, cells, row.Changes.Length);
        }

        public static string Word(ChangeKind kind) => kind == ChangeKind.ArchitectureChanged ? "of another architecture" : kind.ToString().ToLowerInvariant();

        public static string Title(ChangeKind kind) => kind switch
        {
            ChangeKind.Upgraded => "⬆ Upgraded",
            ChangeKind.Downgraded => "⬇ Downgraded",
            ChangeKind.Changed => "Changed; which is newer cannot be told",
            ChangeKind.Rebuilt => "Rebuilt, the same version",
            ChangeKind.ArchitectureChanged => "Of another architecture",
            _ => kind.ToString(),
        };
    }

    private sealed class Tables(StringBuilder text, ReleaseNotesInput input)
    {
        private int _left = LimitCharacters;
        private int _dropped;

        public void Write(string? heading, List<PackageLine> lines)
        {
            if (lines.Count > 0 && heading is not null)
                text.Append($"\n### {heading}\n");
            foreach (var kind in lines.GroupBy(l => l.Kind).OrderBy(g => g.Key))
                WriteKind(kind.Key, [.. kind]);
        }

        /// <summary>GitHub renders Markdown in a folded part only behind an empty line.</summary>
        private void WriteKind(ChangeKind kind, List<PackageLine> lines)
        {
            var shown = lines.TakeWhile(l => (_left -= l.Line.Length + 1) >= 0).ToList();
            _dropped += lines.Skip(shown.Count).Sum(l => l.Packages);
            if (shown.Count == 0)
                return;
            var title = $"{PackageLine.Title(kind)} ({lines.Sum(l => l.Packages)})";
            var isFolded = lines.Count > FoldedRows;
            var head = kind is ChangeKind.Added or ChangeKind.Removed ? "| package | version |\n| --- | --- |\n" : "| package | before | now |\n| --- | --- | --- |\n";
            text.Append(isFolded ? $"\n<details><summary>{title}</summary>\n\n" : $"\n**{title}**\n\n").Append(head);
            foreach (var line in shown)
                text.Append(line.Line).Append('\n');
            text.Append(isFolded ? "\n</details>\n" : "");
        }

        public void Finish()
        {
            if (_dropped > 0)
                text.Append($"\n{_dropped} more changes are in {Markdown.Code(ReleaseDocuments.Changes(input.New.Image))}.\n");
        }
    }
}
