using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Oci.Platforms;

namespace Pipeline.Oci.Proof;

/// <summary>Whether a system is for the machine that its label says: labels are written by people, headers by compilers.</summary>
public static class PlatformProof
{
    private const uint HardFloatFlag = 0x400;
    private const uint EabiMask = 0xFF00_0000;
    private const uint Eabi5 = 0x0500_0000;

    /// <summary>
    /// Looks at the headers of a sample of the tree's programs. An older variant than the platform's is fine; a newer one
    /// is an error with its evidence. A tree without programs gives a warning.
    /// </summary>
    /// <param name="span">Where the manifest names the image or the board.</param>
    public static ImmutableArray<Diagnostic> Check(FileTree tree, Platform platform, SourceSpan? span)
    {
        var bag = new DiagnosticBag();
        var sample = ProgramSample.Take(tree);
        if (!ElfMachines.IsKnown(platform.Architecture))
            bag.Add(ProofRules.UnknownArchitecture, span, platform);
        else if (sample.Count == 0)
            bag.Add(ProofRules.NoPrograms, span, platform);
        else if (FindForeign(sample, platform) is { } foreign)
            bag.Add(ProofRules.WrongArchitecture, span, platform, foreign.Path, ElfMachines.Describe(foreign.Elf));
        else
            CheckDetails(tree, sample, platform, span, bag);
        return bag.ToImmutable();
    }

    /// <summary>
    /// An essential program of another machine; or, where there is no essential one, any program when none fits. Optional
    /// programs may be foreign: amd64 systems run 386 programs.
    /// </summary>
    private static SampledProgram? FindForeign(IReadOnlyList<SampledProgram> sample, Platform platform)
    {
        bool Fits(SampledProgram program) => ElfMachines.Matches(program.Elf, platform.Architecture);
        return sample.FirstOrDefault(p => p.IsEssential && !Fits(p)) ?? (sample.Any(Fits) ? null : sample[0]);
    }

    private static void CheckDetails(
        FileTree tree, IReadOnlyList<SampledProgram> sample, Platform platform, SourceSpan? span, DiagnosticBag bag)
    {
        foreach (var program in sample.Where(p => p.IsEssential))
        {
            if (program.Elf.Interpreter is { } loader && tree.Find(loader) is not RegularFile)
                bag.Add(ProofRules.LoaderMissing, span, program.Path, loader);
        }
        if (platform.Architecture == "amd64")
            CheckLevel([.. sample.Where(p => p.Elf.Machine == ElfMachines.Amd64)], platform, span, bag);
        if (platform.Architecture == "arm")
            CheckArm([.. sample.Where(p => p.Elf.Machine == ElfMachines.Arm)], platform, span, bag);
    }

    private static void CheckLevel(SampledProgram[] sample, Platform platform, SourceSpan? span, DiagnosticBag bag)
    {
        var offered = platform.Variant is { Length: > 1 } text && int.TryParse(text.AsSpan(1), out var number) ? number : 1;
        var newer = sample.Where(p => p.Elf.X86Level > offered).OrderByDescending(p => p.Elf.X86Level).ToArray();
        if (newer.Length > 0)
            Newer(newer, p => ($"linux/amd64/v{p.Elf.X86Level}", "its note of GNU properties says so"), platform, span, bag);
    }

    /// <summary>One optional program that is newer is a warning: the system runs without it.</summary>
    private static void Newer(
        SampledProgram[] newer, Func<SampledProgram, (string Platform, string Evidence)> needs, Platform platform, SourceSpan? span, DiagnosticBag bag)
    {
        var worst = Array.Find(newer, p => p.IsEssential) ?? newer[0];
        var rule = worst.IsEssential || newer.Length > 1 ? ProofRules.NewerVariant : ProofRules.OneNewerProgram;
        var (needed, evidence) = needs(worst);
        bag.Add(rule, span, platform, worst.Path, needed, evidence);
    }

    private static void CheckArm(SampledProgram[] sample, Platform platform, SourceSpan? span, DiagnosticBag bag)
    {
        if (Array.Find(sample, p => p.Elf.Arm is { IsMicrocontroller: true }) is { } small)
        {
            bag.Add(ProofRules.Microcontroller, span, small.Path, $"Tag_CPU_arch {small.Elf.Arm!.CpuArchitecture}, profile '{small.Elf.Arm.Profile}'");
            return;
        }
        // v7 where the platform says nothing: the default variant.
        var offered = platform.Variant is { Length: > 1 } text && int.TryParse(text.AsSpan(1, 1), out var number) ? number : 7;
        var newer = sample.Where(p => Needs(p.Elf) > offered).OrderByDescending(p => Needs(p.Elf)).ToArray();
        if (newer.Length > 0)
            Newer(newer, p => ($"linux/arm/v{Needs(p.Elf)}", Evidence(p.Elf)), platform, span, bag);
    }

    /// <summary>The variant of GOARM: by the instructions, and at least v6 where floats travel in registers that v5 lacks.</summary>
    private static int Needs(ElfFile elf) => Math.Max(elf.Arm?.Variant ?? 5, IsHardFloat(elf) ? 6 : 5);

    private static bool IsHardFloat(ElfFile elf) =>
        ((elf.Flags & EabiMask) == Eabi5 && (elf.Flags & HardFloatFlag) != 0) || elf.Arm?.VfpArguments == 1;

    private static string Evidence(ElfFile elf)
    {
        var attribute = elf.Arm is null ? "no .ARM.attributes" : $".ARM.attributes: Tag_CPU_arch {elf.Arm.CpuArchitecture}";
        return $"{attribute}, {(IsHardFloat(elf) ? "hard" : "soft")} float";
    }
}
