using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Pipeline.Engine.Git;

/// <summary>
/// The contents of objects, out of one <c>git cat-file --batch</c> that lives as long as this. Objects come in the order in
/// which they were asked for. Not thread-safe.
/// </summary>
internal sealed class GitObjects : IAsyncDisposable
{
    private const int HeadLimitBytes = 256;
    private const int BufferBytes = 64 << 10;
    private readonly Process _process;
    private readonly BufferedStream _output;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly Task _complaints;
    private Task _asking = Task.CompletedTask;

    private GitObjects(Process process)
    {
        (_process, _output) = (process, new BufferedStream(process.StandardOutput.BaseStream, BufferBytes));
        _complaints = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
    }

    /// <summary>Null when git is not there.</summary>
    public static GitObjects? Open(string directory) =>
        GitCommand.Start(directory, ["cat-file", "--batch", "--buffer"]) is { } process ? new(process) : null;

    /// <summary>Asks for objects, once and before the first is read; git is told that there are no more.</summary>
    /// <param name="ids">Names of objects in hexadecimal digits.</param>
    public void Ask(IReadOnlyList<string> ids, CancellationToken ct) => _asking = AskAsync(ids, ct);

    /// <returns>The length in bytes of the next object, a blob; its content must be taken before the next call.</returns>
    /// <exception cref="InvalidDataException">There is no such object, or it is no blob.</exception>
    /// <exception cref="EndOfStreamException">Git ended early.</exception>
    public async Task<long> NextAsync(CancellationToken ct)
    {
        var head = await HeadAsync(ct);
        return head.Split(' ') is [_, "blob", var size] && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            ? bytes
            : throw new InvalidDataException($"git has no such file ({head})");
    }

    /// <summary>Takes the content of the object that <see cref="NextAsync"/> told of.</summary>
    public async Task CopyAsync(Stream target, long sizeBytes, CancellationToken ct)
    {
        for (var rest = sizeBytes; rest > 0;)
        {
            var count = await _output.ReadAsync(_buffer.AsMemory(0, (int)Math.Min(rest, _buffer.Length)), ct);
            if (count == 0)
                throw new EndOfStreamException("git ended in the middle of a file");
            await target.WriteAsync(_buffer.AsMemory(0, count), ct);
            rest -= count;
        }
        await _output.ReadExactlyAsync(_buffer.AsMemory(0, 1), ct); // a line end closes every object
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await ((Task)Task.WhenAll(_asking, _complaints)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _output.DisposeAsync();
        _process.Dispose();
    }

    private async Task AskAsync(IReadOnlyList<string> ids, CancellationToken ct)
    {
        await Task.Yield();
        var input = _process.StandardInput.BaseStream;
        var text = new StringBuilder();
        foreach (var id in ids)
        {
            text.Append(id).Append('\n');
            if (text.Length < BufferBytes)
                continue;
            await input.WriteAsync(Encoding.ASCII.GetBytes(text.ToString()), ct);
            text.Clear();
        }
        await input.WriteAsync(Encoding.ASCII.GetBytes(text.ToString()), ct);
        _process.StandardInput.Close();
    }

    private async Task<string> HeadAsync(CancellationToken ct)
    {
        var length = 0;
        while (length < HeadLimitBytes)
        {
            if (await _output.ReadAsync(_buffer.AsMemory(length, 1), ct) == 0)
                throw new EndOfStreamException("git ended before the last file");
            if (_buffer[length] == '\n')
                return Encoding.ASCII.GetString(_buffer, 0, length);
            length++;
        }
        throw new InvalidDataException("git answered with something else than an object");
    }
}
