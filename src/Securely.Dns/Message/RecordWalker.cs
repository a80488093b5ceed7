using System.Buffers.Binary;

namespace Securely.Dns;

/// <summary>Walks over the records of a message without looking into their data; it stops at the first that is malformed.</summary>
internal ref struct RecordWalker
{
    private readonly ReadOnlySpan<byte> _message;
    private int _left;

    /// <summary>Begins behind the questions.</summary>
    internal RecordWalker(ReadOnlySpan<byte> message)
    {
        _message = message;
        Position = 12;
        for (var questions = BinaryPrimitives.ReadUInt16BigEndian(message[4..]); questions > 0 && !IsMalformed; questions--)
        {
            SkipName();
            Position += 4;
            IsMalformed |= Position > message.Length;
        }

        _left = BinaryPrimitives.ReadUInt16BigEndian(message[6..]) + BinaryPrimitives.ReadUInt16BigEndian(message[8..]) + BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
    }

    /// <summary>Behind the last record that was walked over.</summary>
    internal int Position { get; private set; }

    /// <summary>Where the record's owner begins.</summary>
    internal int Start { get; private set; }

    /// <summary>Where the record's data begins; it ends at <see cref="Position"/>.</summary>
    internal int DataStart { get; private set; }

    internal RecordType Type { get; private set; }

    internal ushort Class { get; private set; }

    internal uint Ttl { get; private set; }

    /// <summary>Whether the message ended within a record.</summary>
    internal bool IsMalformed { get; private set; }

    /// <summary>Whether this was the last record.</summary>
    internal readonly bool IsLast => _left == 0;

    /// <summary>Goes to the next record.</summary>
    internal bool Next()
    {
        if (IsMalformed || _left == 0)
            return false;
        Start = Position;
        SkipName();
        if (IsMalformed || Position + 10 > _message.Length)
            return !(IsMalformed = true);
        Type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(_message[Position..]);
        Class = BinaryPrimitives.ReadUInt16BigEndian(_message[(Position + 2)..]);
        Ttl = BinaryPrimitives.ReadUInt32BigEndian(_message[(Position + 4)..]);
        DataStart = Position + 10;
        Position = DataStart + BinaryPrimitives.ReadUInt16BigEndian(_message[(Position + 8)..]);
        IsMalformed = Position > _message.Length;
        _left--;
        return !IsMalformed;
    }

    // Pointers are not followed: one ends the name here.
    private void SkipName()
    {
        while (Position < _message.Length)
        {
            var size = _message[Position];
            if (size >= 0xC0)
            {
                Position += 2;
                IsMalformed |= Position > _message.Length;
                return;
            }

            Position += size + 1;
            if (size == 0)
                return;
            if (size > 63)
                break;
        }

        IsMalformed = true;
    }
}
