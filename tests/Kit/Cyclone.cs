namespace Pipeline.Kit;

/// <summary>CycloneDX's own JSON schemas (npm), checked by ajv: a judge of bills of materials that is not ours.</summary>
public static class Cyclone
{
    private const string Script = """
        const [schemas, ajvFolder, formatsFolder, file] = process.argv.slice(1);
        const fs = require('fs');
        const read = name => JSON.parse(fs.readFileSync(schemas + '/' + name + '.SNAPSHOT.schema.json'));
        const Ajv = require(ajvFolder), formats = require(formatsFolder);
        const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
        formats(ajv);
        ajv.addFormat('iri-reference', () => true);
        ajv.addFormat('idn-email', () => true);
        for (const name of ['spdx', 'jsf-0.82']) ajv.addSchema(read(name), 'http://cyclonedx.org/schema/' + name + '.SNAPSHOT.schema.json');
        const check = ajv.compile(read('bom-1.6'));
        if (check(JSON.parse(fs.readFileSync(file)))) console.log('VALID');
        else { for (const e of check.errors) console.log(e.instancePath + ' ' + e.message); process.exit(1); }
        """;

    /// <summary>Whether it is valid; its complaints otherwise.</summary>
    public static ToolResult Validate(byte[] document)
    {
        using var temp = new TempDir();
        File.WriteAllBytes(temp["document.json"], document);
        var schemas = Path.GetDirectoryName(Schema("bom-1.6"))!;
        return Tool.Run("node", "-e", Script, schemas, Folder("ajv"), Folder("ajv-formats"), temp["document.json"]);
    }

    /// <summary>Path of a schema: <c>bom-1.6</c>, or <c>spdx</c>, which lists SPDX's licences.</summary>
    public static string Schema(string name) => Npm.File("@cyclonedx/cyclonedx-library", $"res/schema/{name}.SNAPSHOT.schema.json");

    private static string Folder(string package) => Path.GetDirectoryName(Npm.File(package, "package.json"))!;
}
