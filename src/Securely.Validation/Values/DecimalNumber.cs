using System.Globalization;
using System.Numerics;

namespace Securely.Validation;

/// <summary>
/// A decimal number of any length, compared exactly and in time that grows with its length only: sizes and bounds are compared with it,
/// so 0.1 is 0.1 and a number of ten million digits costs no more than reading it.
/// </summary>
internal readonly struct DecimalNumber : IComparable<DecimalNumber>
{
    private const int MaximumExponent = 1000;
    private const int MaximumRemainderDigits = 4000;

    private readonly bool _isNegative;

    /// <summary>Significant digits without zeros on either side; empty is zero.</summary>
    private readonly string? _digits;

    /// <summary>The value is 0.DIGITS times ten to this.</summary>
    private readonly int _point;

    private DecimalNumber(bool isNegative, string digits, int point)
    {
        _isNegative = isNegative;
        _digits = digits;
        _point = point;
    }

    public bool IsZero => string.IsNullOrEmpty(_digits);

    public static DecimalNumber Of(long number) =>
        TryParse(number.ToString(CultureInfo.InvariantCulture), out var result) ? result : default;

    /// <summary>Reads a number after trimming it; an exponent beyond a thousand is refused.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DecimalNumber number)
    {
        number = default;
        text = text.Trim(" \t\n\r\v\0");
        if (!PhpNumber.IsNumeric(text) || text[0] is ' ' or '\f' || text[^1] is '\f')
            return false;
        var isNegative = text[0] == '-';
        if (text[0] is '+' or '-')
            text = text[1..];
        var exponent = 0;
        var mark = text.IndexOfAny('e', 'E');
        if (mark >= 0)
        {
            if (!int.TryParse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) || Math.Abs((long)exponent) > MaximumExponent)
                return false;
            text = text[..mark];
        }

        var dot = text.IndexOf('.');
        var whole = dot < 0 ? text : text[..dot];
        var digits = dot < 0 ? whole.ToString() : string.Concat(whole, text[(dot + 1)..]);
        var significant = digits.TrimStart('0');
        var point = whole.Length - (digits.Length - significant.Length) + exponent;
        number = new DecimalNumber(isNegative && significant.Length > 0, significant.TrimEnd('0'), point);
        return true;
    }

    public int CompareTo(DecimalNumber other)
    {
        if (IsZero || other.IsZero)
            return IsZero ? other.IsZero ? 0 : other._isNegative ? 1 : -1 : _isNegative ? -1 : 1;
        if (_isNegative != other._isNegative)
            return _isNegative ? -1 : 1;
        var magnitude = _point != other._point ? _point.CompareTo(other._point) : string.CompareOrdinal(_digits, other._digits);
        return _isNegative ? -Math.Sign(magnitude) : Math.Sign(magnitude);
    }

    /// <summary>Whether this is a whole multiple of another number; numbers of more than 4,000 digits are not.</summary>
    public bool IsMultipleOf(DecimalNumber other)
    {
        if (other.IsZero)
            return false;
        if (IsZero)
            return true;
        var scale = Math.Min(_point - _digits!.Length, other._point - other._digits!.Length);
        if (_point - scale > MaximumRemainderDigits || other._point - scale > MaximumRemainderDigits)
            return false;
        return BigInteger.Remainder(Scaled(scale), other.Scaled(scale)).IsZero;
    }

    private BigInteger Scaled(int scale) =>
        BigInteger.Parse(_digits!, NumberStyles.None, CultureInfo.InvariantCulture) * BigInteger.Pow(10, _point - _digits!.Length - scale);
}
