namespace Securely.Http;

/// <summary>
/// Undoes the chunked transfer coding (RFC 9112 7.1; rows H1S-07, A13, A14), resumable at any byte. Data is not copied: each call says
/// where it lies in the input.
/// </summary>
/// <remarks>
/// Strict: one to sixteen hexadecimal digits, no blanks before an extension, CRLF everywhere. Extensions are checked and dropped. Trailers
/// are kept apart from the head and lose what RFC 9110 6.5.1 forbids; they hold rented memory until <see cref="Reset"/>.
/// Do not copy the structure while it is in use.
/// </remarks>
/// <param name="limits">The most trailers, and the most data of a request.</param>
/// <param name="response">Whether the body is that of a response: errors are 502, and its length is not limited.</param>
internal struct ChunkedReader(HttpLimits limits, bool response = false)
{
    private const int MostHeadBytes = 8192;
    private const int MostDigits = 16;

    private TrailerReader _trailers;
    private HeadError _error;
    private ulong _remaining;
    private ulong _total;
    private int _digits;
    private int _headBytes;
    private State _state;

    private enum State : byte
    {
        Size,
        Extension,
        SizeLf,
        Data,
        DataCr,
        DataLf,
        Trailers,
        LastLf,
        Done,
        Failed,
    }

    /// <summary>The trailers that came, once it is done; null when there were none. Valid until <see cref="Reset"/>.</summary>
    public readonly HeaderMap? Trailers => _state == State.Done ? _trailers.Fields : null;

    /// <summary>Why the body is refused: 400 or 413 for a request, 502 for a response.</summary>
    public readonly HeadError Error => _error;

    /// <summary>Whether the body has ended.</summary>
    public readonly bool IsDone => _state == State.Done;

    /// <summary>How many bytes of data the chunks so far have announced.</summary>
    public readonly long TotalLength => (long)_total;

    /// <summary>Gets ready for the next body and gives rented memory back.</summary>
    public void Reset()
    {
        _trailers.Reset();
        _error = default;
        _remaining = 0;
        _total = 0;
        _digits = 0;
        _headBytes = 0;
        _state = State.Size;
    }

    /// <summary>
    /// Reads up to the data of one chunk, and behind it what holds no data, so that the end of the body is known together with the last
    /// data. Call again with the rest while it needs more and there is a rest.
    /// </summary>
    /// <param name="input">What has come and was not consumed yet.</param>
    /// <param name="consumed">How many bytes need not be given again; all of them, unless more data follows or the body has ended.</param>
    /// <param name="offset">Where in the input the data begins.</param>
    /// <param name="length">How many bytes of data there are; 0 when none has come.</param>
    public HeadStatus Read(ReadOnlySpan<byte> input, out int consumed, out int offset, out int length)
    {
        consumed = 0;
        offset = 0;
        length = 0;
        while (_state < State.Done)
        {
            if (_state == State.Data)
            {
                if (length > 0)
                {
                    return HeadStatus.NeedMore;
                }

                offset = consumed;
                length = (int)Math.Min(_remaining, (ulong)(input.Length - consumed));
                consumed += length;
                _remaining -= (ulong)length;
                if (_remaining > 0)
                {
                    return HeadStatus.NeedMore;
                }

                _state = State.DataCr;
            }

            if (consumed == input.Length)
            {
                return HeadStatus.NeedMore;
            }

            consumed += Step(input[consumed..]);
        }

        return _state == State.Done ? HeadStatus.Done : HeadStatus.Error;
    }

    /// <summary>Undoes the coding within the buffer itself: all data is moved together at its start.</summary>
    /// <param name="buffer">What has come and was not consumed yet.</param>
    /// <param name="consumed">How many bytes of the coding were used up; all of them unless the body has ended.</param>
    /// <param name="produced">How many bytes of data now stand at the start of the buffer.</param>
    public HeadStatus Decode(Span<byte> buffer, out int consumed, out int produced)
    {
        consumed = 0;
        produced = 0;
        while (true)
        {
            var input = buffer[consumed..];
            var status = Read(input, out int used, out int offset, out int length);
            if (length > 0)
            {
                if (consumed + offset != produced)
                {
                    input.Slice(offset, length).CopyTo(buffer[produced..]);
                }

                produced += length;
            }

            consumed += used;
            if (status != HeadStatus.NeedMore || consumed == buffer.Length)
            {
                return status;
            }
        }
    }

    private int Step(ReadOnlySpan<byte> input)
    {
        switch (_state)
        {
            case State.Size:
                return ReadSize(input);
            case State.Extension:
                return ReadExtension(input);
            case State.SizeLf:
                return Expect(input[0], (byte)'\n', _remaining == 0 ? State.Trailers : State.Data, "A chunk head does not end in CRLF");
            case State.DataCr:
                return Expect(input[0], (byte)'\r', State.DataLf, "The data of a chunk is not followed by CRLF");
            case State.DataLf:
                _digits = 0;
                _headBytes = 0;
                return Expect(input[0], (byte)'\n', State.Size, "The data of a chunk is not followed by CRLF");
            case State.LastLf:
                return Expect(input[0], (byte)'\n', State.Done, "The last chunk is not followed by CRLF");
            default:
                return ReadTrailers(input);
        }
    }

    private int ReadSize(ReadOnlySpan<byte> input)
    {
        int index = 0;
        for (; index < input.Length; index++)
        {
            int digit = HexValue(input[index]);
            if (digit < 0)
            {
                return EndSize(input[index], index + 1);
            }

            if (++_digits > MostDigits)
            {
                return Fail(400, "A chunk size has too many digits");
            }

            _remaining = (_remaining << 4) | (uint)digit;
        }

        return index;
    }

    private int EndSize(byte delimiter, int consumed)
    {
        if (_digits == 0)
        {
            return Fail(400, "A chunk size is not a hexadecimal number");
        }

        if (_remaining > long.MaxValue || _total + _remaining > long.MaxValue)
        {
            return Fail(400, "A chunk size is too large");
        }

        _total += _remaining;
        if (!response && limits.Body != 0 && _total > (ulong)limits.Body)
        {
            return Fail(413, "The body is over the limit");
        }

        _headBytes = _digits;
        switch (delimiter)
        {
            case (byte)'\r':
                _state = State.SizeLf;
                return consumed;
            case (byte)';':
                _headBytes++;
                _state = State.Extension;
                return consumed;
            default:
                return Fail(400, "A chunk size is followed by a character that is not allowed");
        }
    }

    private int ReadExtension(ReadOnlySpan<byte> input)
    {
        int length = input.IndexOfAny(HttpTokens.Controls);
        _headBytes += length < 0 ? input.Length : length;
        if (_headBytes > MostHeadBytes)
        {
            return Fail(400, "A chunk extension is too long");
        }

        if (length < 0)
        {
            return input.Length;
        }

        if (input[length] != '\r')
        {
            return Fail(400, "A chunk extension holds a control character");
        }

        _state = State.SizeLf;
        return length + 1;
    }

    private int ReadTrailers(ReadOnlySpan<byte> input)
    {
        if (input[0] == '\r' && _trailers.IsEmpty)
        {
            _state = State.LastLf;
            return 1;
        }

        switch (_trailers.Read(input, limits.Headers, out int consumed, ref _error))
        {
            case HeadStatus.Done:
                _state = State.Done;
                return consumed;
            case HeadStatus.NeedMore:
                return consumed;
            default:
                return Fail(400, _error.Problem);
        }
    }

    private int Expect(byte value, byte expected, State next, string problem)
    {
        if (value != expected)
        {
            return Fail(400, problem);
        }

        _state = next;
        return 1;
    }

    private int Fail(int statusCode, string problem)
    {
        _error = new HeadError(response ? 502 : statusCode, problem);
        _state = State.Failed;
        return 0;
    }

    private static int HexValue(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => -1,
    };
}
