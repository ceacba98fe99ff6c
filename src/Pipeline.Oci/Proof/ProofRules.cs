using Pipeline.Core.Diagnostics;

namespace Pipeline.Oci.Proof;

/// <summary>What the programs of a system say against its label.</summary>
public static class ProofRules
{
    public static readonly Rule WrongArchitecture = new("PL4021", Severity.Error,
        "the image should be for {0}, but its '{1}' is {2}; the index or the tag names the wrong image, choose another one or ask its publisher");

    public static readonly Rule NewerVariant = new("PL4022", Severity.Error,
        "the image should run on {0}, but its '{1}' needs {2} ({3}) and would die of an illegal instruction there; choose an image for {0}");

    public static readonly Rule LoaderMissing = new("PL4023", Severity.Error,
        "'{0}' of the image is started by the loader '{1}', which the image lacks; a layer is missing, or files of two systems are mixed");

    public static readonly Rule Microcontroller = new("PL4024", Severity.Error,
        "'{0}' of the image is for an ARM microcontroller ({1}), which runs no Linux; choose another image");

    public static readonly Rule NoPrograms = new("PL4025", Severity.Warning,
        "nothing proves that the image is for {0}: it has no program where programs are looked for; check that it is a system");

    public static readonly Rule OneNewerProgram = new("PL4026", Severity.Warning,
        "the image should run on {0}, but its '{1}' needs {2} ({3}) and will not run there; everything else looked at does");

    public static readonly Rule UnknownArchitecture = new("PL4027", Severity.Warning,
        "nothing proves that the image is for {0}: how programs of that architecture look is not known here");
}
