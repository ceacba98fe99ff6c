using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Manifests;

/// <summary>The part of <see cref="ManifestInputs"/> that live systems have beside all else.</summary>
internal static class LiveInputs
{
    public static void Add(InputList inputs, LiveOptions live)
    {
        inputs.Add("live.root", live.Root);
        inputs.Add("live.root.compression", live.Root == LiveRootKind.Erofs ? live.Packing.Erofs : live.Packing.Compression);
        inputs.Add("live.root.level", live.Packing.Level);
        inputs.Add("live.root.block", live.Packing.BlockBytes);
        inputs.Add("live.rootIn", live.RootPlace);
        inputs.AddWords("live.exclude", live.Exclude);
        inputs.Add("live.label", live.Label);
        inputs.Add("live.persistence", live.Persistence);
        inputs.Add("live.verity", live.Verity);
        inputs.Add("live.baseUrl", live.BaseUrl);
        // Only where it is asked for: what was released without it stays as it is.
        inputs.Add("live.efi", live.Efi ? "true" : null);
        inputs.Add("live.payload.as", live.Payload is { } payload ? Reading.Words.Of(payload.Form) : null);
        inputs.Add("live.payload.path", live.Payload?.Path);
        inputs.Add("live.payload.name", live.Payload?.Name);
        inputs.Add("live.table", live.Table is { } table ? Reading.Words.Of(table) : null);
    }
}
