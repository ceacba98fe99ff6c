using System.Buffers.Text;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Core.Json;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Publishing.GitHub;

/// <summary>
/// What machines read in the text of a release: a comment at its end. One listing of releases so tells the state of all
/// images. The record is believed only where it has the digest of the release's own <c>inputs.json</c>.
/// </summary>
/// <param name="Contents">Digest over the names, sizes and digests of all files: drafts with the same one are the same release.</param>
/// <param name="Inputs">Digest of <c>inputs.json</c>.</param>
/// <param name="Record"><c>inputs.json</c> itself, deflated, in Base64; null where it is too long.</param>
internal sealed record ReleaseMarker(int Format, string Contents, string Inputs, string? Record)
{
    private const int CurrentFormat = 1;
    private const string Begin = "<!-- pipeline:release ";
    private const string End = " -->";

    /// <summary>Base64 has '+', which nothing in a comment forbids.</summary>
    private static readonly MarkerContext Context = new(JsonForm.LineLike(MarkerContext.Default.Options));

    /// <summary>Leaves most of the text to people.</summary>
    private const int LimitRecordCharacters = 40_000;

    public static ReleaseMarker Create(Digest contents, ReadOnlySpan<byte> record)
    {
        var packed = Pack(record);
        return new(CurrentFormat, contents.Text, Digest.Sha256(record).Text, packed.Length <= LimitRecordCharacters ? packed : null);
    }

    public string Write() => Begin + JsonSerializer.Serialize(this, Context.ReleaseMarker) + End;

    /// <summary>Null where there is none that we understand.</summary>
    public static ReleaseMarker? Find(string? body)
    {
        var begin = body?.LastIndexOf(Begin, StringComparison.Ordinal) ?? -1;
        var end = begin < 0 ? -1 : body!.IndexOf(End, begin, StringComparison.Ordinal);
        if (end < 0)
            return null;
        try
        {
            var marker = JsonSerializer.Deserialize(body.AsSpan(begin + Begin.Length, end - begin - Begin.Length), MarkerContext.Default.ReleaseMarker);
            return marker?.Format == CurrentFormat ? marker : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The bytes of <c>inputs.json</c>; null where they are not here, or not those.</summary>
    /// <param name="expected">What GitHub says of the file.</param>
    public byte[]? Unpack(Digest expected)
    {
        if (Record is null || !Base64.IsValid(Record))
            return null;
        try
        {
            using var packed = new DeflateStream(new MemoryStream(Convert.FromBase64String(Record)), CompressionMode.Decompress);
            using var record = new MemoryStream();
            var buffer = new byte[16 << 10];
            for (int count; (count = packed.Read(buffer)) > 0;)
            {
                if (record.Length + count > ReleaseRecordJson.LimitBytes)
                    return null;
                record.Write(buffer, 0, count);
            }
            var bytes = record.ToArray();
            return Digest.Sha256(bytes) == expected ? bytes : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static string Pack(ReadOnlySpan<byte> record)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            deflate.Write(record);
        return Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = false)]
[JsonSerializable(typeof(ReleaseMarker))]
internal sealed partial class MarkerContext : JsonSerializerContext;
