using System.Buffers.Binary;
using System.Numerics;

namespace Pipeline.Oci.Proof;

/// <summary>
/// The level of x86-64 that a program says it needs, in its note of GNU properties (x86-64 psABI, "Program Property").
/// Few programs say so: nothing said is level 1.
/// </summary>
internal static class X86Properties
{
    private const uint PropertyNote = 5; // NT_GNU_PROPERTY_TYPE_0
    private const uint IsaNeeded = 0xC000_8002; // GNU_PROPERTY_X86_ISA_1_NEEDED
    private const int HeaderBytes = 12;
    private const int KnownLevels = 0xF;

    /// <param name="note">The segment PT_GNU_PROPERTY.</param>
    /// <returns>1 to 4.</returns>
    public static int Level(ReadOnlySpan<byte> note)
    {
        if (note.Length < HeaderBytes + 4 || UInt32(note[8..]) != PropertyNote || !note[HeaderBytes..].StartsWith("GNU\0"u8))
            return 1;
        var properties = note[(HeaderBytes + 4)..];
        properties = properties[..(int)Math.Min(UInt32(note[4..]), (uint)properties.Length)];
        while (properties.Length >= 12)
        {
            var (type, size) = (UInt32(properties), UInt32(properties[4..]));
            // Bits of the levels from the baseline up; a higher one is what counts.
            if (type == IsaNeeded && size == 4 && (UInt32(properties[8..]) & KnownLevels) is > 0 and var bits)
                return BitOperations.Log2(bits) + 1;
            var next = 8 + (((long)size + 7) & ~7L);
            properties = next < properties.Length ? properties[(int)next..] : [];
        }
        return 1;
    }

    private static uint UInt32(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadUInt32LittleEndian(at);
}
