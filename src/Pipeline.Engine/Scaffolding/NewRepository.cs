using System.Collections.Immutable;
using Pipeline.Engine.Manifests.Reading;

namespace Pipeline.Engine.Scaffolding;

/// <summary>What the first image of a new repository is.</summary>
/// <param name="Name">Of the image.</param>
/// <param name="Source">As a manifest writes it.</param>
/// <param name="Board">A shipped one.</param>
public sealed record FirstImage(string Name, string Source, string Board)
{
    /// <summary>The repository that has the tool and its workflows, OWNER/NAME; null leaves workflows out.</summary>
    public string? Tool { get; init; }

    /// <summary>The commit, tag or branch of the tool.</summary>
    public string ToolRef { get; init; } = "main";

    /// <summary>Whether a name can be that of an image, which is the name of its folder.</summary>
    public static bool IsName(string text) => SystemText.IsFileName(text);
}

/// <summary>The files of a repository that somebody begins: one image that can be built as it is, and the schemas for editors.</summary>
public static class NewRepository
{
    private const string SchemaPrefix = "schemas/";

    /// <summary>Texts by path relative to the repository, in order of path.</summary>
    public static ImmutableSortedDictionary<string, string> Files(FirstImage first)
    {
        var files = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        files["pipeline.yaml"] = Config;
        files[".gitignore"] = "releases/\nout/\n.pipeline/\n";
        files["README.md"] = ReadMe(first);
        files[$"images/{first.Name}/image.yaml"] = Image(first);
        if (first.Tool is { } tool)
            files[".github/workflows/release.yml"] = Workflow(tool, first.ToolRef);
        var assembly = typeof(NewRepository).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(SchemaPrefix, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            files[name] = reader.ReadToEnd();
        }
        return files.ToImmutable();
    }

    /// <summary>Single quotes: nothing but a quote means anything in there.</summary>
    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private const string Config = """
        # yaml-language-server: $schema=schemas/pipeline.schema.json
        version: 1
        releases:
          directory: releases
          keep: 5

        """;

    private static string Image(FirstImage first) => $"""
        # yaml-language-server: $schema=../../schemas/image.schema.json
        description: {first.Name}, the first image of this repository
        source: {Quoted(first.Source)}
        boards: [{first.Board}]
        outputs:
          - kind: disk
            compression: zst
            bmap: true
        customize:
          hostname: {first.Name.Replace('_', '-')}

        """;

    private static string Workflow(string tool, string toolRef) => $$$"""
        # Rebuilds and releases what is stale: after a push, by schedule, and by hand. The work is done by a workflow of the tool.
        name: Release
        on:
          push:
            branches: [main]
          schedule:
            # Not at a full hour, when everybody's schedules start and many are dropped.
            - cron: '37 */6 * * *'
          workflow_dispatch:
            inputs:
              image:
                description: Only this image (all when empty)
                type: string
              force:
                description: Build also what is current
                type: boolean
        permissions:
          contents: read
        jobs:
          release:
            permissions:
              contents: write
              actions: read
            uses: {{{tool}}}/.github/workflows/reconcile.yml@{{{toolRef}}}
            with:
              tool: {{{tool}}}
              tool-ref: {{{toolRef}}}
              image: ${{ inputs.image || '' }}
              force: ${{ inputs.force || false }}

        """;

    private static string ReadMe(FirstImage first) => $"""
        # Images

        Disk images built by `pipeline` from the manifests in `images/`.

        - `pipeline validate` checks every manifest.
        - `pipeline plan` says what is stale, and why.
        - `pipeline reconcile` builds what is stale and releases it into `releases/`.
        - `pipeline build {first.Name} --output out` builds one image and releases nothing.

        Boards that come with the tool are listed by `pipeline boards`; put boards of your own into `boards/`.

        """;
}
