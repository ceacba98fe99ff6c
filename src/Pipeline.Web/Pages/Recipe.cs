using System.Collections.Immutable;
using Pipeline.Web.Status;

namespace Pipeline.Web.Pages;

/// <summary>One thing to do with a download.</summary>
/// <param name="Command">Lines for a shell, to be copied as they are.</param>
internal sealed record RecipeStep(string Title, string Command, string Hint = "");

/// <summary>What somebody types who takes an output of a release: fetch, check, write.</summary>
internal static class Recipe
{
    private const string Sums = "SHA256SUMS";
    private const string Signature = "SHA256SUMS.sig";

    public static ImmutableArray<RecipeStep> Of(TargetStatus target, ReleaseStatus? release)
    {
        var main = MainFile(target);
        return [.. Fetch(target, release), .. Check(main, release), .. Write(target, main)];
    }

    /// <summary>The one that is written, and not a file about it.</summary>
    public static string MainFile(TargetStatus target) =>
        (target.Files.FirstOrDefault(f => !f.Name.EndsWith(".bmap", StringComparison.Ordinal) && !f.Name.EndsWith(".json", StringComparison.Ordinal)) ?? target.Files[0]).Name;

    private static IEnumerable<RecipeStep> Fetch(TargetStatus target, ReleaseStatus? release)
    {
        if (release?.Address is null)
            yield break;
        var names = target.Files.Select(f => f.Name).Append(Sums);
        if (release.Has(Signature))
            names = names.Append(Signature);
        yield return new("Download", string.Join('\n', names.Select(n => $"curl -LO {Links.To(release, n)}")));
    }

    private static IEnumerable<RecipeStep> Check(string main, ReleaseStatus? release)
    {
        yield return new("Check that nothing was damaged", $"sha256sum -c --ignore-missing {Sums}", "It must say OK behind each file.");
        if (release?.Has(Signature) is true)
            yield return new("Check who made it", $"pipeline verify {main} --key release-key.pub.pem", "The key comes from the maintainers, not from the release.");
    }

    private static IEnumerable<RecipeStep> Write(TargetStatus target, string main)
    {
        switch (target.Output)
        {
            case "disk" or "live" or "iso":
                yield return new("Write it to a card, stick or disk", $"sudo pipeline flash {main} /dev/sdX", "All that is on the disk is lost. 'pipeline flash' alone lists the disks; it reads back what it wrote.");
                yield return new("Or with what every Linux has", $"{Unpack(main)} | sudo dd of=/dev/sdX bs=4M conv=fsync status=progress", Readers(main));
                break;
            case "esp":
                yield return new("Copy it to a stick with a FAT file system", $"tar -xf {main} -C /media/stick");
                break;
            default:
                break;
        }
    }

    private static string Unpack(string file) => Path.GetExtension(file) switch
    {
        ".zst" => $"zstd -dc {file}",
        ".xz" => $"xz -dc {file}",
        ".gz" => $"gzip -dc {file}",
        _ => $"cat {file}",
    };

    /// <summary>Who takes the file as it is on other systems.</summary>
    private static string Readers(string file) => file.EndsWith(".zst", StringComparison.Ordinal)
        ? "On Windows and macOS, Raspberry Pi Imager takes the file as it is ('Use custom')."
        : "On Windows and macOS, Raspberry Pi Imager and balenaEtcher take the file as it is.";
}
