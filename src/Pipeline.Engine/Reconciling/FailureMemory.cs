using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Reconciling;

/// <param name="Count">Failures of the same target from the same inputs, one after the other.</param>
/// <param name="NotBefore">When it is tried again.</param>
public sealed record Failure(int Count, DateTimeOffset Last, DateTimeOffset NotBefore, string Message);

/// <summary>
/// What failed, so that it is not built again and again from the same inputs: a small file for each target and its inputs.
/// Other inputs are another file, so a mended manifest is tried at once. It is a cache: whoever deletes it only tries sooner.
/// </summary>
/// <param name="directory">Absolute; made when needed.</param>
public sealed class FailureMemory(string directory, TimeProvider clock)
{
    private const int LimitBytes = 64 << 10;
    private const int MessageLimitCharacters = 300;
    private static readonly (TimeSpan First, TimeSpan Longest) Own = (TimeSpan.FromMinutes(15), TimeSpan.FromDays(1));
    private static readonly (TimeSpan First, TimeSpan Longest) Outsides = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(15));
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(30);

    /// <summary>Null where this target never failed with these inputs, or the file is not readable.</summary>
    public Failure? Find(Target target)
    {
        var file = new FileInfo(PathOf(target));
        if (!file.Exists || file.Length > LimitBytes)
            return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file.FullName), FailureContext.Default.Failure) is { Message: not null } failure ? failure : null;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return null;
        }
    }

    /// <summary>Waits longer each time: 15 minutes doubling up to a day for reasons of its own, a minute up to 15 where the outside failed.</summary>
    /// <param name="isOutside">The same inputs may well succeed: what failed was a registry, a release host, the disk.</param>
    public void Add(Target target, string message, bool isOutside)
    {
        var now = clock.GetUtcNow();
        var count = (Find(target)?.Count ?? 0) + 1;
        var (first, longest) = isOutside ? Outsides : Own;
        var wait = TimeSpan.FromTicks(Math.Min(longest.Ticks, first.Ticks << Math.Min(count - 1, 10)));
        var line = message.ReplaceLineEndings(" ");
        var failure = new Failure(count, now, now + wait, line.Length <= MessageLimitCharacters ? line : line[..MessageLimitCharacters] + "…");
        Directory.CreateDirectory(directory);
        var path = PathOf(target);
        File.WriteAllBytes(path + ".partial", JsonSerializer.SerializeToUtf8Bytes(failure, FailureContext.Default.Failure));
        File.Move(path + ".partial", path, overwrite: true);
        Sweep(now);
    }

    public void Remove(Target target)
    {
        if (Directory.Exists(directory))
            File.Delete(PathOf(target));
    }

    private void Sweep(DateTimeOffset now)
    {
        foreach (var old in new DirectoryInfo(directory).EnumerateFiles().Where(f => f.LastWriteTimeUtc < (now - Forgotten).UtcDateTime).ToList())
            old.Delete();
    }

    private string PathOf(Target target)
    {
        var text = new StringBuilder(target.Id);
        foreach (var (name, value) in target.Inputs!.Deciding)
            text.Append(CultureInfo.InvariantCulture, $"\n{name.Length} {name} {value.Length} {value}");
        return Path.Combine(directory, Digest.Sha256(Encoding.UTF8.GetBytes(text.ToString())).Hex + ".json");
    }
}

[JsonSerializable(typeof(Failure))]
internal sealed partial class FailureContext : JsonSerializerContext;
