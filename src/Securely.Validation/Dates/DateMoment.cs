namespace Securely.Validation;

/// <summary>A moment: seconds since 1970 in UTC, and the microseconds after it.</summary>
internal readonly record struct DateMoment(long Seconds, int Microseconds) : IComparable<DateMoment>
{
    public int CompareTo(DateMoment other) => Seconds != other.Seconds ? Seconds.CompareTo(other.Seconds) : Microseconds.CompareTo(other.Microseconds);
}
