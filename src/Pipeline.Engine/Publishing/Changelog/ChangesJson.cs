using System.Collections.Immutable;
using System.Text.Json;
using Pipeline.Core.Json;
using Pipeline.Engine.Inventories;
using Pipeline.Engine.Inventories.Changes;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.Packages;

namespace Pipeline.Engine.Publishing.Changelog;

/// <summary>
/// The changelog for machines, whole: nothing is cut or escaped for Markdown. Its keys are in docs/release-notes.md. The same
/// input gives the same bytes.
/// </summary>
public static class ChangesJson
{
    public const int Format = 1;

    public static byte[] Write(ReleaseNotesInput input)
    {
        return JsonForm.Document(json =>
        {
            json.WriteNumber("format", Format);
            json.WriteString("image", input.New.Image);
            json.WriteString("version", input.New.Version);
            json.WriteString("previous", input.New.Previous);
            json.WriteObjects("targets", input.New.Targets.Values, t => WriteTarget(json, t, input));
            json.WriteObjects("platforms", input.Platforms, p => WritePlatform(json, p, input.Highlights));
            WriteCommits(json, input);
            WriteFiles(json, input);
        });
    }

    private static void WriteTarget(Utf8JsonWriter json, PublishedTarget target, ReleaseNotesInput input)
    {
        var reasons = input.Reasons.GetValueOrDefault(target.Id, []);
        json.WriteString("id", target.Id);
        json.WriteString("builtIn", target.BuiltIn);
        json.WriteTexts("because", reasons.Where(r => r.Kind != ReasonKind.Input).Select(r => r.ToString()));
        json.WriteObjects("inputs", reasons.Where(r => r.Kind == ReasonKind.Input), r =>
        {
            json.WriteString("name", r.Input);
            json.WriteString("old", r.Old);
            json.WriteString("new", r.New);
        });
    }

    private static void WritePlatform(Utf8JsonWriter json, PlatformPackages platform, ImmutableArray<string> highlights)
    {
        json.WriteString("platform", platform.Platform);
        json.WriteTexts("targets", platform.Targets);
        json.WriteString("list", platform.IsReleased ? platform.File.Name : null);
        json.WriteString("past", platform.Past.ToString().ToLowerInvariant());
        json.WriteStartObject("old");
        WriteSource(json, platform.Old);
        json.WriteEndObject();
        json.WriteStartObject("new");
        WriteSource(json, platform.New);
        json.WriteEndObject();
        WriteLayers(json, platform);
        json.WriteObjects("packages", platform.Changes, c => WriteChange(json, c, highlights));
    }

    private static void WriteSource(Utf8JsonWriter json, SourceInventory? source)
    {
        if (source is null)
            return;
        json.WriteString("reference", source.Reference);
        json.WriteString("manifest", source.Manifest.Text);
        json.WriteString("system", source.System?.Name);
        json.WriteTexts("kernels", source.Kernels);
        json.WriteNumber("packages", source.Packages.Packages.Length);
        json.WriteTexts("unreadable", source.Packages.Unreadable);
        json.WriteStartObject("labels");
        foreach (var (name, value) in source.Labels)
            json.WriteString(name, value);
        json.WriteEndObject();
    }

    private static void WriteLayers(Utf8JsonWriter json, PlatformPackages platform)
    {
        var had = platform.Old?.Layers.Select(l => l.Digest).ToHashSet() ?? [];
        json.WriteObjects("layers", platform.New.Layers, l =>
        {
            json.WriteString("digest", l.Digest.Text);
            json.WriteNumber("sizeBytes", l.Size.Bytes);
            json.WriteBoolean("isNew", !had.Contains(l.Digest));
        });
    }

    private static void WriteChange(Utf8JsonWriter json, PackageChange change, ImmutableArray<string> highlights)
    {
        json.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName(change.Kind.ToString()));
        json.WriteString("manager", InventoryJson.Word(change.Manager));
        json.WriteString("name", change.Name);
        json.WriteString("architecture", change.Architecture);
        if (change.OldArchitecture is { } architecture)
            json.WriteString("oldArchitecture", architecture);
        json.WriteString("source", change.Source);
        if (Inventories.Changes.Highlights.GroupOf(change.Name, highlights) is { } group)
            json.WriteString("highlight", group);
        json.WriteTexts("old", change.Old);
        json.WriteTexts("new", change.New);
    }

    private static void WriteCommits(Utf8JsonWriter json, ReleaseNotesInput input)
    {
        json.WriteString("repository", input.RepositoryAddress);
        json.WriteString("since", input.Old?.Commit);
        json.WriteString("commit", input.New.Commit);
        json.WriteObjects("commits", input.Commits ?? [], c =>
        {
            json.WriteString("hash", c.Hash);
            json.WriteString("subject", c.Subject);
            if (input.PullRequests.TryGetValue(c.Hash, out var number))
                json.WriteNumber("pullRequest", number);
        });
    }

    private static void WriteFiles(Utf8JsonWriter json, ReleaseNotesInput input)
    {
        var before = (input.Old?.Files ?? []).ToDictionary(f => f.Name, StringComparer.Ordinal);
        json.WriteObjects("files", input.New.Files, f =>
        {
            json.WriteString("name", f.Name);
            json.WriteString("sha256", f.Sha256.Hex);
            json.WriteNumber("sizeBytes", f.Size.Bytes);
            if (before.GetValueOrDefault(f.Name) is { } old)
                json.WriteNumber("oldSizeBytes", old.Size.Bytes);
        });
    }
}
