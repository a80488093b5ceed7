using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Securely.Dns;

// Most lines of a large file are alike: an owner or the one before, perhaps a TTL and IN, and an address. They are read here without words being
// cut first, and without being judged: a line that is anything else is left to the lexer, which says what is wrong with it.
internal sealed partial class ZoneFileSession
{
    private const byte LabelLetter = 1;
    private const byte Capital = 2;
    private const byte Digit = 4;
    private const byte Blank = 8;
    private static readonly byte[] _letters = Letters();

    /// <summary>Reads lines until one is not plain. Compiled at once, because a file is read at the start, when nothing has been measured yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TakePlainLines()
    {
        if (_origin is null)
            return;
        int start = _lexer.Position, line = _lexer.Line;
        while (start < _text.Length)
        {
            // The line ends within the text and nothing in it goes beyond a line feed, so what is read of it needs no look at the text's end.
            var end = _text.AsSpan(start).IndexOf('\n');
            if (end < 0 || !TryTakeLine(ref Unsafe.Add(ref MemoryMarshal.GetReference(_text.AsSpan()), start), line))
                break;
            start += end + 1;
            line++;
        }

        _lexer.Resume(start, line);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryTakeLine(ref char text, int line)
    {
        var at = 0;
        if (text is ' ' or '\t' ? _owner.Length == 0 || !HostNames.IsOwner(_owner.Wire) : !TryTakeOwner(ref text, out at))
            return false;
        at = SkipBlanks(ref text, at);
        uint? ttl = null;
        if (ClassOf(ref text, at) == Digit)
        {
            if (!TryTakeNumber(ref text, ref at, out var seconds))
                return false;
            ttl = seconds;
            at = SkipBlanks(ref text, at);
        }

        if ((Unsafe.Add(ref text, at) | 0x20) == 'i' && (Unsafe.Add(ref text, at + 1) | 0x20) == 'n' && ClassOf(ref text, at + 2) == Blank)
            at = SkipBlanks(ref text, at + 2);
        if ((Unsafe.Add(ref text, at) | 0x20) != 'a' || ClassOf(ref text, at + 1) != Blank || (ttl ?? _defaultTtl ?? _lastTtl) is not { } effective)
            return false;
        at = SkipBlanks(ref text, at + 1);
        if (!TryTakeAddress(ref text, ref at, out var address) || Unsafe.Add(ref text, SkipBlanks(ref text, at)) != '\n')
            return false;
        Span<byte> data = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(data, address);
        _lastTtl = ttl ?? _lastTtl;
        _zone.Add(_owner.Wire, _owner.Lower, _owner.Hash, RecordType.A, effective, data, _index, line);
        return true;
    }

    // Where it is no name, or not alone, the lexer reads it again: a line that begins with a letter has an owner.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryTakeOwner(ref char text, out int at)
    {
        at = 0;
        if ((ClassOf(ref text, 0) & (LabelLetter | Capital | Digit)) == 0)
            return false;
        ref var wire = ref MemoryMarshal.GetArrayDataReference(_owner.WireBuffer);
        ref var lower = ref MemoryMarshal.GetArrayDataReference(_owner.LowerBuffer);
        Span<byte> labels = stackalloc byte[WireName.MaximumLabels];
        int count = 0, label = 0, length = 1;
        _owner.Length = 0;
        for (; ; at++)
        {
            var kind = ClassOf(ref text, at);
            var letter = Unsafe.Add(ref text, at);
            if ((kind & (LabelLetter | Capital | Digit)) != 0)
            {
                if (length >= WireName.Maximum - 1)
                    return false;
                Unsafe.Add(ref wire, length) = (byte)letter;
                // A capital letter gets the bit that makes it a small one.
                Unsafe.Add(ref lower, length++) = (byte)(letter | ((kind & Capital) << 4));
                continue;
            }

            var size = length - label - 1;
            if (size is 0 or > 63 || Unsafe.Add(ref wire, label + 1) == '-' || Unsafe.Add(ref wire, length - 1) == '-')
                return false;
            labels[count++] = (byte)label;
            Unsafe.Add(ref wire, label) = Unsafe.Add(ref lower, label) = (byte)size;
            label = length++;
            if (letter != '.')
                return kind == Blank && Complete(_origin!, label, labels[..count]);
            if (ClassOf(ref text, at + 1) == Blank)
            {
                at++;
                return Complete(DomainName.Root, label, labels[..count]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Complete(DomainName origin, int length, ReadOnlySpan<byte> labels)
    {
        if (length + origin.Wire.Length > WireName.Maximum)
            return false;
        origin.Wire.CopyTo(_owner.WireBuffer.AsSpan(length));
        origin.Lower.CopyTo(_owner.LowerBuffer.AsSpan(length));
        if (!ReferenceEquals(origin, _stateOf))
            (_stateOf, _state, _isHost) = (origin, NameKey.StateOf(origin), HostNames.IsHost(origin.Wire));
        if (!_isHost)
            return false;
        var state = _state;
        for (var i = labels.Length - 1; i >= 0; i--)
            state = NameKey.Extend(state, ref _owner.LowerBuffer[labels[i]]);
        _owner.Hash = NameKey.Fold(state);
        _owner.Length = length + origin.Wire.Length;
        return true;
    }

    // Up to nine digits; more are the lexer's, and so is a time with units.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool TryTakeNumber(ref char text, ref int at, out uint number)
    {
        number = 0;
        for (var end = at + 9; ClassOf(ref text, at) == Digit; at++)
        {
            if (at == end)
                return false;
            number = (number * 10) + (uint)(Unsafe.Add(ref text, at) - '0');
        }

        return ClassOf(ref text, at) == Blank;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool TryTakeAddress(ref char text, ref int at, out uint address)
    {
        address = 0;
        for (var part = 0; part < 4; part++)
        {
            if (part > 0 && Unsafe.Add(ref text, at++) != '.')
                return false;
            var first = (uint)(Unsafe.Add(ref text, at) - '0');
            if (first > 9)
                return false;
            var value = first;
            for (var digit = (uint)(Unsafe.Add(ref text, ++at) - '0'); digit <= 9; digit = (uint)(Unsafe.Add(ref text, ++at) - '0'))
            {
                value = (value * 10) + digit;
                // A zero before others would mean another number to some.
                if (first == 0 || value > 255)
                    return false;
            }

            address = (address << 8) | value;
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SkipBlanks(ref char text, int at)
    {
        while (ClassOf(ref text, at) == Blank)
            at++;
        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ClassOf(ref char text, int at)
    {
        var letter = Unsafe.Add(ref text, at);
        return letter < 128 ? Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_letters), letter) : 0;
    }

    // Letters that names of hosts do not have are of no class: either they mean something in a zone file, or the owner is worth a warning.
    private static byte[] Letters()
    {
        var letters = new byte[128];
        for (var letter = '-'; letter <= 'z'; letter++)
        {
            if (char.IsAsciiLetterOrDigit(letter) || letter == '-')
                letters[letter] = char.IsAsciiDigit(letter) ? Digit : char.IsAsciiLetterUpper(letter) ? Capital : LabelLetter;
        }

        letters[' '] = letters['\t'] = letters['\r'] = Blank;
        return letters;
    }
}
