using System.Text;
using Shouldly;
using Xunit;

namespace Pipeline.Oci.Documents;

public sealed class DocumentReaderTests
{
    private const string Blob = """{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":0}""";

    [Theory]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{", "line 1")]
    [InlineData("""{"config":{},"config":{},"layers":[]}""", "config")]
    [InlineData("""{"manifests":[],"layers":[],"config":{}}""", "both")]
    [InlineData("""{"layers":[],"config":{"digest":"md5:1","size":1}}""", "not a digest")]
    [InlineData("""{"layers":[],"config":{"digest":1}}""", "not a text")]
    [InlineData("""{"layers":{},"config":BLOB}""", "not a list")]
    [InlineData("""{"layers":[7],"config":BLOB}""", "not an object")]
    public void A_broken_manifest_is_a_diagnostic(string json, string part)
    {
        var read = DocumentReader.ReadImage("q.io/a:1", "", Encoding.UTF8.GetBytes(json.Replace("BLOB", Blob)), new("image.yaml", 1, 1));
        var diagnostic = read.Diagnostics.ShouldHaveSingleItem();
        diagnostic.Rule.ShouldBe(DocumentRules.Malformed);
        diagnostic.Message.ShouldContain(part);
    }

    [Theory]
    [InlineData("application/vnd.docker.distribution.manifest.v1+prettyjws", "{}", "PL2042")]
    [InlineData("", """{"schemaVersion":1}""", "PL2042")]
    [InlineData("application/vnd.cncf.helm.config", "{}", "PL2041")]
    public void What_is_no_image_is_named(string type, string json, string code) =>
        DocumentReader.ReadImage("q.io/a:1", type, Encoding.UTF8.GetBytes(json), null).Diagnostics.ShouldHaveSingleItem().Rule.Code.ShouldBe(code);

    [Fact]
    public void Deep_nesting_is_refused()
    {
        var json = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 5000)));
        DocumentReader.ReadConfig("x", json, null).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(DocumentRules.Malformed);
    }
}
