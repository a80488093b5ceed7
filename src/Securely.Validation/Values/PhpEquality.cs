namespace Securely.Validation;

/// <summary>
/// The loose comparison that some rules use (<c>contains</c>, <c>in_array</c>, <c>distinct</c> and the rules that look at another field):
/// numeric texts are compared as numbers, and booleans and nothing compare by truth.
/// </summary>
internal static class PhpEquality
{
    public static bool Loose(FieldValue left, FieldValue right)
    {
        if (left.Kind == FieldKind.Boolean || right.Kind == FieldKind.Boolean)
            return Truth(left) == Truth(right);
        if (left.IsNull || right.IsNull)
            return WithNull(left.IsNull ? right : left);
        if (left.IsArray || right.IsArray)
            return left.IsArray && right.IsArray && Arrays(left, right);
        if (left.Kind == FieldKind.Upload || right.Kind == FieldKind.Upload)
            return left == right;
        return Scalars(left, right);
    }

    public static bool Truth(FieldValue value) => value.Kind switch
    {
        FieldKind.Null => false,
        FieldKind.Boolean => value.AsBoolean!.Value,
        FieldKind.Integer => value.AsInteger != 0,
        FieldKind.Float => value.AsFloat!.Value != 0,
        FieldKind.Text => value.AsText is not ("" or "0"),
        FieldKind.Upload => true,
        _ => value.Count > 0,
    };

    private static bool WithNull(FieldValue other) => other.Kind == FieldKind.Text ? other.AsText!.Length == 0 : !Truth(other);

    private static bool Scalars(FieldValue left, FieldValue right)
    {
        if (left.AsText is { } leftText && right.AsText is { } rightText && string.Equals(leftText, rightText, StringComparison.Ordinal))
            return true;
        if (Number(left, out var leftNumber) && Number(right, out var rightNumber))
        {
            return leftNumber.AsInteger is { } a && rightNumber.AsInteger is { } b
                ? a == b
                : leftNumber.AsFloat!.Value == rightNumber.AsFloat!.Value;
        }

        return left.Kind != right.Kind && string.Equals(PhpText.Of(left), PhpText.Of(right), StringComparison.Ordinal);
    }

    private static bool Number(FieldValue value, out FieldValue number)
    {
        if (value.AsText is { } text)
            return PhpNumber.TryRead(text, out number);
        number = value;
        return true;
    }

    private static bool Arrays(FieldValue left, FieldValue right)
    {
        if (left.Count != right.Count)
            return false;
        for (var i = 0; i < left.Count; i++)
        {
            if (!right.TryGet(left.KeyAt(i), out var other) || !Loose(left.ValueAt(i), other))
                return false;
        }

        return true;
    }
}
