namespace Securely.Net;

/// <summary>One line, or one histogram, of a family: the figures for one combination of label values. Any thread may read it.</summary>
public abstract class MetricSeries
{
    private readonly string[] _values;

    private protected MetricSeries(MetricFamily family, string[] values)
    {
        Family = family;
        _values = values;
        Labels = MetricText.Labels(family.Definition.Labels, values);
    }

    /// <summary>The values of the family's labels, in their order.</summary>
    public IReadOnlyList<string> LabelValues => _values;

    /// <summary>Written as they stand between the braces of a line.</summary>
    internal byte[] Labels { get; }

    internal MetricFamily Family { get; }

    /// <summary>Whether there is anything to show; a part of a row that nothing was ever counted in is not.</summary>
    internal virtual bool IsShown => true;

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

    internal override void Write(MetricText text) => text.Sample(this, Value);
}
