using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;
using Pipeline.Oci.References;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>The image that a live system carries: a reference alone, or with its particulars.</summary>
internal sealed class PayloadReader(string rootPath, DiagnosticBag bag)
{
    /// <summary>Where podman looks, and where the container-native ISO contract puts it.</summary>
    private const string StorePath = "/var/lib/containers/storage";
    private const string LayoutPath = "/var/lib/containers/payload";

    /// <summary>What has no documents whose digests a copy could keep.</summary>
    private static readonly string[] WithoutDocuments = ["tar:", "docker-archive:", "containers-storage:"];
    private static readonly string[] Local = [.. WithoutDocuments, "oci:", "oci-archive:"];

    /// <returns>Null where there is none, or it was complained of.</returns>
    public PayloadImage? Read(YamlMap output)
    {
        var map = output.Map("payload");
        if ((map is null ? output.Scalar("payload") : map.Scalar("image")) is not { } image)
            return null;
        var source = OneImage.Read(image, rootPath, bag);
        if (Array.Find(WithoutDocuments, s => image.Text.StartsWith(s, StringComparison.Ordinal)) is { } scheme)
            bag.Add(ManifestRules.PayloadSource, image.Span, Message.Quote(image.Text), scheme);
        var form = map.Text("as") == "layout" ? PayloadForm.Layout : PayloadForm.Store;
        return new(source, form, PathText.Read(map.Scalar("path"), bag) ?? (form == PayloadForm.Store ? StorePath : LayoutPath), ReadName(map, image));
    }

    private string ReadName(YamlMap? map, YamlScalar image)
    {
        var named = map.Scalar("name");
        if (named is null && Array.Exists(Local, s => image.Text.StartsWith(s, StringComparison.Ordinal)))
            bag.Add(ManifestRules.PayloadName, image.Span, Message.Quote(image.Text), "a path names no image");
        else if (ImageReference.Parse((named ?? image).Text, null) is { IsOk: true, Value: { } reference })
            return NameOf(reference);
        else if (named is not null)
            bag.Add(ManifestRules.PayloadName, named.Span, Message.Quote(named.Text), "that is no name in a registry");
        // Otherwise the source itself was complained of.
        return "";
    }

    /// <summary>A store knows an image by its tag or by its digest, never by both.</summary>
    private static string NameOf(ImageReference reference) =>
        (reference.Tag is null ? reference : reference with { Digest = null }).Name;
}
