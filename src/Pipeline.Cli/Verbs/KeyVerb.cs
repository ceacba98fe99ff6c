using System.CommandLine;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Proof;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline key</c>: makes a signing key, and shows the public one.</summary>
internal static class KeyVerb
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static Command Create(CommonOptions common)
    {
        var verb = new Command("key", "Make a key to sign releases with, or show its public part");
        verb.Add(New(common));
        verb.Add(Show(common));
        return verb;
    }

    private static VerbCommand New(CommonOptions common)
    {
        var file = new Argument<string>("FILE") { HelpName = "FILE", Description = "Where the private key goes; must not exist" };
        return new VerbCommand("new", "Make a private key (ECDSA on P-256, PKCS #8 in PEM), and print its public key")
        {
            Notes = "Encrypted with the passphrase of PIPELINE_SIGNING_PASSPHRASE, or of the file that PIPELINE_SIGNING_PASSPHRASE_FILE names,\nwhere one of them is set. Keep it out of the repository.",
            Examples = [("pipeline key new release-key.pem > release-key.pub.pem", "a key pair: the second file goes into the repository")],
            ExitCodes = [(ExitCode.Done, "made"), (ExitCode.Mend, "the file exists, or the passphrase's file cannot be read"), (ExitCode.TryAgain, "the disk failed")],
        }
        .With(file)
        .Does(common, (run, ct) => MakeAsync(run, run.Value(file)!, ct));
    }

    private static VerbCommand Show(CommonOptions common)
    {
        var file = new Argument<string?>("FILE") { HelpName = "FILE", Arity = ArgumentArity.ZeroOrOne, Description = "The private key's file; when not said, the key that releases are signed with" };
        return new VerbCommand("show", "Print the public key of a private one, in PEM")
        {
            Examples = [("pipeline key show > release-key.pub.pem", "the public key of the one that the environment or pipeline.yaml names")],
            ExitCodes = [(ExitCode.Done, "printed"), (ExitCode.Mend, "there is no key, or it cannot be used")],
        }
        .With(file, common.Repository)
        .Does(common, (run, ct) => ShowAsync(run, run.Value(file), ct));
    }

    private static async Task<ExitCode> MakeAsync(Run run, string file, CancellationToken ct)
    {
        try
        {
            var passphrase = await Connection(null).PassphraseAsync(ct);
            var pem = KeyFile.Make(passphrase);
            await WriteAsync(file, pem, ct);
            return Tell(run, KeyFile.Read(new(pem, file), passphrase).Key!);
        }
        catch (ReleaseRefusedException e)
        {
            run.Tell([e.Diagnostic]);
            return ExitCode.Mend;
        }
    }

    private static async Task WriteAsync(string file, string pem, CancellationToken ct)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        if (Path.Exists(file))
            throw ReleaseRefusedException.Because(ProofRules.KeyExists, file);
        await using var stream = new FileStream(file, options);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(pem), ct);
    }

    private static async Task<ExitCode> ShowAsync(Run run, string? file, CancellationToken ct)
    {
        try
        {
            var signing = file is null
                ? WorkspaceReader.Read(run.RepositoryPath).Value?.Config.Signing
                : new SigningConfig(Path.GetFullPath(file), null, new(file, 1, 1));
            var connection = file is null ? Connection(signing) : new(signing, name => name.Contains("PASSPHRASE", StringComparison.Ordinal) ? Environment.GetEnvironmentVariable(name) : null);
            var pem = await connection.PemAsync(ct) ?? throw ReleaseRefusedException.Because(ProofRules.NoKey);
            var (key, problem) = KeyFile.Read(pem, await connection.PassphraseAsync(ct));
            return key is null ? throw ReleaseRefusedException.Because(ProofRules.KeyUnusable, pem.Origin, problem) : Tell(run, key);
        }
        catch (ReleaseRefusedException e)
        {
            run.Tell([e.Diagnostic]);
            return ExitCode.Mend;
        }
    }

    private static SigningConnection Connection(SigningConfig? signing) => new(signing, Environment.GetEnvironmentVariable);

    private static ExitCode Tell(Run run, SigningKey key)
    {
        run.Results.Write(key.Public.Pem, "key", json =>
        {
            json.WriteString("id", key.Public.Id);
            json.WriteString("publicKey", key.Public.Pem);
        });
        return ExitCode.Done;
    }
}
