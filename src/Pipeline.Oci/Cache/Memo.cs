using System.Text;
using Pipeline.Core.Units;

namespace Pipeline.Oci.Cache;

/// <summary>
/// Short answers that were dear to find, kept beside the blobs: the hash of a large local file, the digest a tag had
/// last. A file of the cache holds one answer together with its question; a damaged one counts as none.
/// </summary>
public sealed class Memo(string directory)
{
    private const int MaxBytes = 1 << 20;

    public string? Recall(string question)
    {
        var file = new FileInfo(PathOf(question));
        if (!file.Exists || file.Length > MaxBytes)
            return null;
        try
        {
            var text = File.ReadAllText(file.FullName);
            return text.StartsWith(question + "\n", StringComparison.Ordinal) && text.EndsWith("\n.\n", StringComparison.Ordinal)
                ? text[(question.Length + 1)..^3] : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Remember(string question, string answer)
    {
        var path = PathOf(question);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var partial = $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}";
        File.WriteAllText(partial, $"{question}\n{answer}\n.\n");
        File.Move(partial, path, overwrite: true);
    }

    private string PathOf(string question) => Path.Combine(directory, "memo", Digest.Sha256(Encoding.UTF8.GetBytes(question)).Hex);
}
