using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.LinuxKit;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Manifests;

/// <summary>
/// Everything in a manifest and its board that decides the bytes of an output, by a name that people can read in "stale
/// because". What only informs (descriptions, labels, suspend, verified, sources) is not there, and neither is the source:
/// its digest decides, not how it was called. Defaults are written out, so that writing a default changes nothing.
/// </summary>
public static class ManifestInputs
{
    /// <summary>Reads the files of the repository that the manifest or the board name, and nothing else of the world.</summary>
    /// <exception cref="IOException">A file that was there when the manifest was read is gone.</exception>
    public static ImmutableSortedDictionary<string, string> Of(ImageManifest image, BoardManifest board, Output output)
    {
        var inputs = new InputList();
        inputs.Add("output.kind", output.Kind);
        inputs.Add("output.compression", output.Compression);
        inputs.Add("output.bmap", output.BlockMap);
        if (image.LinuxKit is { } document)
            LinuxKitInputs.Add(inputs, document);
        if (output.IsLive)
            LiveInputs.Add(inputs, output.Live);
        AddCustomization(inputs, image.Customization);
        BoardInputs.Add(inputs, board);
        return inputs.ToSorted();
    }

    private static void AddCustomization(InputList inputs, Customization customization)
    {
        inputs.Add("customize.hostname", customization.Hostname);
        inputs.AddWords("customize.kernelArguments", customization.KernelArguments);
        inputs.Add("customize.locale", customization.Locale);
        inputs.Add("customize.timezone", customization.Timezone);
        inputs.Add("customize.fstab", customization.Fstab);
        inputs.Add("customize.growOnFirstBoot", customization.GrowOnFirstBoot);
        inputs.Add("customize.machineId", customization.ResetMachineId ? "reset" : "keep");
        inputs.Add("customize.freeSpace", customization.FreeSpace);
        foreach (var file in customization.Files)
            AddFile(inputs, file);
        // The order of users decides the ids of those that name none.
        for (var i = 0; i < customization.Users.Length; i++)
            AddUser(inputs, $"customize.users[{i}]", customization.Users[i]);
    }

    private static void AddFile(InputList inputs, ExtraFile file)
    {
        var name = $"customize.files[{file.Path}]";
        if (file.SourcePath is { } source)
        {
            inputs.Add(name + ".content", InputList.DigestOf(source));
            inputs.Add(name + ".executable", IsExecutable(source));
        }
        else if (file.LinkTarget is not null)
        {
            inputs.Add(name + ".link", file.LinkTarget);
        }
        else
        {
            inputs.Add(name + ".content", file.Text is { } text ? Digest.Sha256(System.Text.Encoding.UTF8.GetBytes(text)).Text : "directory");
        }
        inputs.Add(name + ".mode", file.Permissions is { } mode ? Convert.ToString(mode, 8) : null);
        inputs.Add(name + ".owner", $"{file.Owner}:{file.Group}");
    }

    private static bool IsExecutable(string path) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0;

    private static void AddUser(InputList inputs, string name, User user)
    {
        inputs.Add(name + ".name", user.Name);
        inputs.Add(name + ".uid", user.Uid?.ToString(CultureInfo.InvariantCulture));
        // The record is published: it must not carry the hash itself.
        inputs.Add(name + ".passwordHash", user.PasswordHash is { } hash ? Digest.Sha256(System.Text.Encoding.UTF8.GetBytes(hash)).Text : null);
        inputs.AddWords(name + ".groups", user.Groups);
        inputs.Add(name + ".shell", user.Shell);
        inputs.Add(name + ".home", user.Home);
        for (var i = 0; i < user.SshKeys.Length; i++)
            inputs.Add($"{name}.sshKeys[{i}]", user.SshKeys[i]);
    }
}
