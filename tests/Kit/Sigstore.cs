using Pipeline.Engine.Publishing.Proof;

namespace Pipeline.Kit;

/// <summary>Sigstore's own verifier (npm), for bundles of a key: a judge of signatures that is not ours and not openssl.</summary>
public static class Sigstore
{
    private const string Script = """
        const [folder, bundleFile, keyFile, hint, dataFile] = process.argv.slice(1);
        const fs = require('fs'), crypto = require('crypto');
        const { bundleFromJSON } = require(folder + '/bundle');
        const { Verifier, toSignedEntity } = require(folder + '/verify');
        const bundle = bundleFromJSON(JSON.parse(fs.readFileSync(bundleFile)));
        const key = crypto.createPublicKey(fs.readFileSync(keyFile));
        const publicKey = h => { if (h !== hint) throw new Error('unknown key ' + h); return { publicKey: key, validFor: () => true }; };
        const trust = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [], publicKey };
        const entity = toSignedEntity(bundle, dataFile ? fs.readFileSync(dataFile) : undefined);
        new Verifier(trust, { ctlogThreshold: 0, tlogThreshold: 0, timestampThreshold: 0 }).verify(entity);
        console.log('VERIFIED');
        """;

    /// <summary>Whether it says yes; its complaint otherwise.</summary>
    /// <param name="data">What the bundle signs; null for an envelope, which holds it.</param>
    public static ToolResult Verify(byte[] bundle, VerificationKey key, byte[]? data)
    {
        using var temp = new TempDir();
        File.WriteAllBytes(temp["bundle.json"], bundle);
        File.WriteAllText(temp["key.pem"], key.Pem);
        if (data is not null)
            File.WriteAllBytes(temp["data"], data);
        var folder = Path.GetDirectoryName(Path.GetDirectoryName(Npm.File("@sigstore/verify", "package.json")))!;
        return Tool.Run("node", ["-e", Script, folder, temp["bundle.json"], temp["key.pem"], key.Hint, .. data is null ? Array.Empty<string>() : [temp["data"]]]);
    }
}
