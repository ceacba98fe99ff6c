using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
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
public static partial class LockFile
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
            foreach (var entry in document.Remotes.Select(Entry))
            {
                if (!entries.TryAdd(entry.Name, entry) && entries[entry.Name] != entry)
                    throw new FormatException($"'{entry.Name}' is pinned twice");
            }
            return entries.ToImmutable();
        }
        catch (JsonException e)
        {
            return Unreadable($"line {e.LineNumber + 1 ?? 1} is not what is expected there");
        }
        catch (FormatException e)
        {
            return Unreadable(e.Message);
        }
    }

    /// <exception cref="FormatException">It pins nothing, or to what is neither a commit nor a digest.</exception>
    private static LockEntry Entry(LockRemote? remote)
    {
        if (remote is null)
            throw new FormatException("an entry is null");
        if (!CommitName().IsMatch(remote.Resolved) && !Digest.TryParse(remote.Resolved, out _))
            throw new FormatException($"'{remote.Resolved}' of '{remote.Name}' is neither a commit nor a digest");
        return Digest.TryParse(remote.Content, out var content)
            ? new(remote.Name, remote.Resolved, content)
            : throw new FormatException($"the content of '{remote.Name}' is no digest");
    }

    private static Result<ImmutableSortedDictionary<string, LockEntry>> Unreadable(string why) =>
        Result<ImmutableSortedDictionary<string, LockEntry>>.Failed(Diagnostic.Create(OpeningRules.LockUnreadable, new SourceSpan(FileName, 1, 1), why));

    [GeneratedRegex(@"\A(?:[0-9a-f]{40}|[0-9a-f]{64})\z", RegexOptions.CultureInvariant)]
    private static partial Regex CommitName();

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
        var partial = path + ".partial";
        try
        {
            File.WriteAllBytes(partial, [.. JsonSerializer.SerializeToUtf8Bytes(new LockDocument(Version, remotes), Context.LockDocument), (byte)'\n']);
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            // Where the disk is full nothing stays in the work tree that git would take in.
            File.Delete(partial);
        }
    }
}

internal sealed record LockDocument(int Version, LockRemote[] Remotes);

internal sealed record LockRemote(string Name, string Resolved, string Content);

[JsonSerializable(typeof(LockDocument))]
internal sealed partial class LockContext : JsonSerializerContext;
