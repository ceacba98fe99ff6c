using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Json;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Opening.Remotes;

/// <summary>What a tree from elsewhere is pinned to.</summary>
/// <param name="Name">As manifests name it, without the file: address and <c>?ref=</c>.</param>
/// <param name="Resolved">The commit, or the digest of the artifact's manifest.</param>
/// <param name="Content">Digest over the files.</param>
public sealed record LockEntry(string Name, string Resolved, Digest Content)
{
    /// <summary>As people read it.</summary>
    public string Short => Resolved.Contains(':') ? Resolved[..(Resolved.IndexOf(':', StringComparison.Ordinal) + 13)] : Resolved[..Math.Min(10, Resolved.Length)];
}

/// <summary><c>pipeline.lock</c>: JSON, sorted by name, the same bytes for the same entries. It belongs into git.</summary>
public static class LockFile
{
    public const string FileName = "pipeline.lock";
    private const int Version = 1;
    private const int LimitBytes = 1 << 20;

    private static readonly LockContext Context = new(JsonForm.KeptDocument(maxDepth: 8));

    /// <summary>By name; none where there is no file.</summary>
    public static Result<ImmutableSortedDictionary<string, LockEntry>> Read(string rootPath)
    {
        var entries = ImmutableSortedDictionary.CreateBuilder<string, LockEntry>(StringComparer.Ordinal);
        var file = new FileInfo(Path.Combine(rootPath, FileName));
        if (!file.Exists)
            return entries.ToImmutable();
        try
        {
            if (file.Length > LimitBytes || file.LinkTarget is not null)
                throw new FormatException("it is a link, or larger than 1 MiB");
            var document = JsonSerializer.Deserialize(File.ReadAllBytes(file.FullName), Context.LockDocument);
            if (document?.Version != Version)
                throw new FormatException($"version {document?.Version.ToString() ?? "null"}, expected {Version}");
            foreach (var remote in document.Remotes)
                entries.Add(remote.Name, new(remote.Name, remote.Resolved, Digest.Parse(remote.Content)));
            return entries.ToImmutable();
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or NullReferenceException)
        {
            return Result<ImmutableSortedDictionary<string, LockEntry>>.Failed(
                Diagnostic.Create(OpeningRules.LockUnreadable, new SourceSpan(FileName, 1, 1), e.Message.ReplaceLineEndings(" ")));
        }
    }

    /// <summary>The file is replaced as a whole; without entries it goes.</summary>
    public static void Write(string rootPath, IEnumerable<LockEntry> entries)
    {
        var path = Path.Combine(rootPath, FileName);
        LockRemote[] remotes = [.. entries.OrderBy(e => e.Name, StringComparer.Ordinal).Select(e => new LockRemote(e.Name, e.Resolved, e.Content.Text))];
        if (remotes.Length == 0)
        {
            File.Delete(path);
            return;
        }
        File.WriteAllBytes(path + ".partial", [.. JsonSerializer.SerializeToUtf8Bytes(new LockDocument(Version, remotes), Context.LockDocument), (byte)'\n']);
        File.Move(path + ".partial", path, overwrite: true);
    }
}

internal sealed record LockDocument(int Version, LockRemote[] Remotes);

internal sealed record LockRemote(string Name, string Resolved, string Content);

[JsonSerializable(typeof(LockDocument))]
internal sealed partial class LockContext : JsonSerializerContext;
