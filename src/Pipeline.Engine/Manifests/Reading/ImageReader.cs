using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.LinuxKit;
using Pipeline.Engine.Manifests.Merging;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Policies;
using Pipeline.Engine.Manifests.Remote;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>A merged image manifest as a model. Mistakes of single values are reported here, those between values by <c>Checks</c>.</summary>
internal sealed class ImageReader(string rootPath, DiagnosticBag bag)
{
    private static readonly ImmutableArray<Output> PlainDisk = [new(OutputKind.Disk, OutputCompression.None, false, null)];

    public ImageManifest Read(string name, ManifestFile file)
    {
        var tree = file.Tree;
        var source = ReadSource(tree);
        var policies = new PolicyReader(bag);
        return new ImageManifest
        {
            Name = name,
            DirectoryPath = Path.Combine(rootPath, "images", name),
            Span = tree.Span,
            Description = tree.Text("description") ?? "",
            Source = source,
            LinuxKit = ReadLinuxKit(source, tree),
            Boards = [.. tree.Scalars("boards").Select(b => new Located<string>(b.Text, b.Span))],
            Layout = RepositoryPath.ReadFile(tree.Scalar("layout"), rootPath, bag) is { } path ? new(path, tree.SpanOf("layout")) : null,
            Outputs = ReadOutputs(tree),
            Customization = ReadCustomization(tree.Map("customize")),
            Labels = ReadLabels(tree.Map("labels")),
            IsSuspended = tree.Boolean("suspend") ?? false,
            Folders = [.. file.Files.Where(f => !RemoteReference.IsRemote(f)).Select(f => Path.GetDirectoryName(f) ?? "").Distinct(StringComparer.Ordinal)],
            Files = file.Files,
            Follow = policies.ReadFollow(tree),
            MinimumAge = policies.ReadAge(tree),
            Hold = policies.ReadHold(tree),
            Publish = tree.Text("publish") == "what-built" ? PublishPolicy.WhatBuilt : PublishPolicy.AllOrNothing,
        };
    }

    private ImageSource ReadSource(YamlMap tree)
    {
        var source = tree.Scalar("source");
        if (source is null)
            return new ImageSource("", rootPath, null);
        var folder = RepositoryPath.FolderOf(source.Span, rootPath);
        if (SourceText.Problem(source.Text) is { } problem)
            bag.Add(ManifestRules.SourceSyntax, source.Span, SourceText.Quote(source.Text), problem);
        else if (source.Span.Tree is { } origin && RemoteSource.Problem(source.Text, folder, origin.RootPath, tree) is { } refusal)
            bag.Add(RemoteRules.SourceRefused, source.Span, Message.Quote(source.Text), refusal);
        else if (source.Text.StartsWith(SourceText.Command, StringComparison.Ordinal))
            CheckScript(source, folder);
        return new ImageSource(source.Text, folder, source.Span);
    }

    private LinuxKitDocument? ReadLinuxKit(ImageSource source, YamlMap tree)
    {
        if (!LinuxKitReader.Is(source) || SourceText.Problem(source.Text) is not null)
            return null;
        var document = LinuxKitReader.Read(source, rootPath);
        bag.AddRange(document.Diagnostics);
        foreach (var board in tree.Scalars("boards").Where(b => CarriedName.Is(b.Text)))
            bag.Add(LinuxKitRules.NoLayout, board.Span, board.Text);
        return document.Value;
    }

    private void CheckScript(YamlScalar source, string folder)
    {
        var script = source.Text[SourceText.Command.Length..];
        var path = Path.GetFullPath(Path.Combine(folder, script));
        if (Path.IsPathRooted(script) || !RepositoryPath.IsInside(path, folder))
            bag.Add(ManifestRules.PathOutside, source.Span, Message.Quote(script), "the image's folder");
        else if (!File.Exists(path))
            bag.Add(ManifestRules.CommandMissing, source.Span, RepositoryPath.Relative(path, RepositoryPath.RootOf(source.Span, rootPath)));
    }

    private ImmutableArray<Output> ReadOutputs(YamlMap tree)
    {
        var items = tree.Items("outputs");
        return items.IsEmpty ? PlainDisk : [.. items.Select(ReadOutput)];
    }

    private Output ReadOutput(YamlNode node)
    {
        var map = node as YamlMap;
        var kind = Words.Output(map is null ? (node as YamlScalar)?.Text : map.Text("kind"));
        return new Output(kind, Words.Compression(map.Text("compression")), map.Boolean("bmap") ?? false, node.Span) { Live = new LiveReader(rootPath, bag).Read(map) };
    }

    private Customization ReadCustomization(YamlMap? tree)
    {
        if (tree is null)
            return new Customization();
        return new Customization
        {
            Hostname = SystemText.Hostname(tree.Scalar("hostname"), bag),
            KernelArguments = KernelArgumentText.Read(tree.Scalars("kernelArguments"), bag),
            Files = [.. tree.Maps("files").Select(new FileReader(rootPath, bag).Read)],
            Users = [.. tree.Maps("users").Select(new UserReader(bag).Read)],
            Locale = SystemText.Locale(tree.Scalar("locale"), bag),
            Timezone = SystemText.Timezone(tree.Scalar("timezone"), bag),
            Fstab = Words.Fstab(tree.Text("fstab")),
            GrowOnFirstBoot = tree.Boolean("growOnFirstBoot") ?? true,
            ResetMachineId = tree.Text("machineId") != "keep",
            FreeSpace = SizeText.Read(tree.Scalar("freeSpace"), 512, bag),
        };
    }

    private ImmutableSortedDictionary<string, string> ReadLabels(YamlMap? tree)
    {
        var labels = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var entry in tree?.Entries ?? [])
        {
            if (!SystemText.IsLabelName(entry.Key))
                bag.Add(ManifestRules.LabelName, entry.KeySpan, Message.Quote(entry.Key));
            if (entry.Value is YamlScalar value)
                labels[entry.Key] = value.Text;
        }
        return labels.ToImmutable();
    }
}
