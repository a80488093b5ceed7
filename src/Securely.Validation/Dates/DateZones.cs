using System.Globalization;

namespace Securely.Validation;

/// <summary>Zones in dates: offsets, the usual abbreviations, military letters and names of the tz database.</summary>
internal static class DateZones
{
    private const string Known =
        "utc=0 gmt=0 z=0 uct=0 wet=0 west=1 bst=1 ist=2 cet=1 cest=2 met=1 mest=2 eet=2 eest=3 msk=3 msd=4 sast=2 cat=2 eat=3 wat=1 "
        + "est=-5 edt=-4 cst=-6 cdt=-5 mst=-7 mdt=-6 pst=-8 pdt=-7 akst=-9 akdt=-8 hst=-10 ast=-4 adt=-3 nst=-3.5 ndt=-2.5 pkt=5 jst=9 kst=9 hkt=8 "
        + "sgt=8 wib=7 wit=9 wita=8 acst=9.5 acdt=10.5 aest=10 aedt=11 awst=8 nzst=12 nzdt=13 a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9 k=10 l=11 m=12 "
        + "n=-1 o=-2 p=-3 q=-4 r=-5 s=-6 t=-7 u=-8 v=-9 w=-10 x=-11 y=-12";

    private static readonly Dictionary<string, double> Abbreviations = Known.Split(' ').Select(entry => entry.Split('=')).ToDictionary(
        entry => entry[0], entry => double.Parse(entry[1], CultureInfo.InvariantCulture), StringComparer.OrdinalIgnoreCase);

    /// <summary>The zone of a text; null when there is none of that name.</summary>
    public static DateZone? Find(string text)
    {
        text = text.Trim('(', ')');
        if (text.Length == 0)
            return null;
        var offset = text.StartsWith("GMT", StringComparison.OrdinalIgnoreCase) && text.Length > 3 && text[3] is '+' or '-' ? text[3..] : text;
        if (offset[0] is '+' or '-')
            return OfOffset(offset);
        if (Abbreviations.TryGetValue(text, out var hours))
            return new DateZone((int)(hours * 3600), text.ToUpperInvariant());
        return Timezones.Find(text) is { } name && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var rules) ? new DateZone(0, name, rules) : null;
    }

    private static DateZone OfOffset(string text)
    {
        var parts = text[1..].Split(':');
        var digits = parts.Length > 1 ? string.Concat(parts.Select(part => part.PadLeft(2, '0'))) : parts[0];
        if (parts.Length == 1)
            digits = digits.Length <= 2 ? digits.PadLeft(2, '0') : digits.PadLeft(digits.Length + (digits.Length % 2), '0');
        var seconds = Part(digits, 0) * 3600 + Part(digits, 2) * 60 + Part(digits, 4);
        var offset = text[0] == '-' ? -seconds : seconds;
        return new DateZone(offset, string.Create(CultureInfo.InvariantCulture, $"{text[0]}{seconds / 3600:00}:{seconds / 60 % 60:00}"));
    }

    private static int Part(string digits, int place) =>
        place + 2 <= digits.Length ? int.Parse(digits.AsSpan(place, 2), CultureInfo.InvariantCulture) : 0;
}
