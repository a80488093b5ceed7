namespace Securely.Net;

/// <summary>One line, or one histogram, of a family: the figures for one combination of label values. Any thread may read it.</summary>
public abstract class MetricSeries
{
    private readonly string[] _values;

    private protected MetricSeries(MetricFamily family, string[] values)
    {
        Family = family;
        _values = values;
        Line = MetricText.Line(family.Definition, "", values, "");
    }

    /// <summary>The values of the family's labels, in their order.</summary>
    public IReadOnlyList<string> LabelValues => _values;

    /// <summary>What stands before the figure: name, labels and a blank.</summary>
    internal byte[] Line { get; }

    internal MetricFamily Family { get; }

    /// <summary>Those it is shown together with; null for one that is shown by itself.</summary>
    internal virtual CounterRow? Row => null;

    /// <summary>Whether there is anything to show; a part of a row that nothing was ever counted in is not.</summary>
    internal bool IsShown => Row is not { IsEmpty: true };

    internal abstract void Write(MetricText text);
}

/// <summary>A series whose figure is asked for when it is read.</summary>
internal sealed class ObservedSeries(MetricFamily family, string[] values, Func<double> read) : MetricSeries(family, values), IDisposable
{
    internal double Value
    {
        get
        {
            try
            {
                return read();
            }
            catch (Exception)
            {
                // What belongs to a service that has ended, or a file that is gone, must not take the other figures with it.
                return double.NaN;
            }
        }
    }

    public void Dispose() => Family.Remove(this);

    internal override void Write(MetricText text) => text.Sample(Line, Value);
}
