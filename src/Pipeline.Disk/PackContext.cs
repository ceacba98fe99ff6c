using Pipeline.Core.Reporting;

namespace Pipeline.Disk;

/// <summary>Where and how a file system is packed whose length is known only then.</summary>
/// <param name="ScratchDirectory">Takes a nameless file as long as the result; made where it is missing.</param>
/// <param name="Parallelism">Threads that pack. The bytes do not depend on it.</param>
/// <param name="Activity">Told of the bytes read.</param>
public sealed record PackContext(string ScratchDirectory, int Parallelism, IActivity Activity);
