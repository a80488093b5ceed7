using System.Buffers.Binary;

namespace Securely.Dns;

/// <summary>
/// A change that a client asks for (RFC 2136). It waits for its turn, and is answered when it is on the disk. Used by one thread after the other: the
/// one that read it, and the one that changes zones.
/// </summary>
internal sealed class UpdateRequest(ZoneKeeper keeper, ManagedZone zone, byte[] request, byte[] address, TsigSession? signature) : ZoneWork(zone)
{
    private byte[] _answer = [];
    private int _length;
    private ResponseCode _code;
    private Action<ReadOnlyMemory<byte>>? _reply;

    /// <summary>Takes the answer as it will be but for its code and its signature.</summary>
    internal void Prepare(ReadOnlySpan<byte> answer)
    {
        _length = answer.Length;
        _answer = new byte[_length + (signature?.Length ?? 0)];
        answer.CopyTo(_answer);
    }

    /// <summary>Puts it in the queue.</summary>
    /// <param name="reply">Takes the answer, on another thread.</param>
    internal void Start(Action<ReadOnlyMemory<byte>> reply)
    {
        _reply = reply;
        if (!keeper.TryBegin(this))
            Answer(ResponseCode.ServerFailure);
    }

    /// <summary>Puts it in the queue, and gives the answer.</summary>
    internal Task<ReadOnlyMemory<byte>> StartAsync()
    {
        var completion = new TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously);
        Start(completion.SetResult);
        return completion.Task;
    }

    internal override void Run(ZoneEdit? edit)
    {
        _code = Judge(edit!);
        if (_code == ResponseCode.Success)
            edit!.Finish(static soa => SerialNumber.With(soa, SerialNumber.Next(SerialNumber.Of(soa))));
    }

    internal override void Complete(Exception? failure)
    {
        var code = failure is null ? _code : ResponseCode.ServerFailure;
        keeper.LogUpdated(this, address, signature?.Key, code);
        Answer(code);
    }

    private ResponseCode Judge(ZoneEdit edit)
    {
        if (!DnsMessage.TryDecode(request, out var message))
            return ResponseCode.Malformed;
        var code = UpdateChecks.CheckPrerequisites(message.Answers, edit);
        if (code == ResponseCode.Success)
            code = UpdateChecks.CheckPermission(message.Authorities, edit, (name, type) => Zone.Policy.Allows(address, signature?.Key, name, type));
        if (code == ResponseCode.Success)
            code = UpdateChecks.CheckForm(message.Authorities, edit);
        if (code != ResponseCode.Success)
            return code;
        var unreachable = UpdateSanity.Unreachable(edit);
        UpdateSteps.Apply(message.Authorities, edit);
        code = UpdateSanity.Check(edit, message.Authorities, unreachable);
        if (code != ResponseCode.Success)
            edit.Undo();
        return code;
    }

    private void Answer(ResponseCode code)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_answer.AsSpan(2), (ushort)((BinaryPrimitives.ReadUInt16BigEndian(_answer.AsSpan(2)) & 0xFFF0) | (int)code));
        var length = signature?.Append(_answer, _length, keeper.Now.ToUnixTimeSeconds()) ?? _length;
        _reply!(_answer.AsMemory(0, length));
    }
}
