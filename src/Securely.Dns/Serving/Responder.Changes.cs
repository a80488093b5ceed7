namespace Securely.Dns;

internal sealed partial class Responder
{
    // Whether anything may be changed by this client is known at once; whether this may be, when its turn has come (RFC 2136, 3.1).
    private void JudgeUpdate(ReadOnlySpan<byte> request, ReadOnlySpan<byte> address, ref ResponseWriter writer)
    {
        if (_query.Type != RecordType.Soa)
        {
            writer.Code = ResponseCode.Malformed;
            return;
        }

        if (_query.Class != RecordClass.In || state.Catalog.Table.FindExact(_query.Name, 0) is not { } zone)
        {
            writer.Code = ResponseCode.NotAuthorized;
            return;
        }

        if (state.Options.Keeper is { } keeper && keeper.Find(zone.Apex) is { IsSecondary: false } kept && kept.Policy.Knows(address, _signature?.Key))
            Update = new UpdateRequest(keeper, kept, request.ToArray(), address.ToArray(), _signature);
        else
            writer.Code = ResponseCode.Refused;
    }

    // RFC 1996, 3.11: only a primary of the zone is listened to.
    private void JudgeNotify(ReadOnlySpan<byte> request, ReadOnlySpan<byte> address, ref ResponseWriter writer)
    {
        if (_query.Type != RecordType.Soa || _query.Class != RecordClass.In || state.Catalog.Table.FindExact(_query.Name, 0) is not { } zone || state.Options.Keeper?.Find(zone.Apex) is not { IsSecondary: true } kept)
        {
            writer.Code = ResponseCode.NotAuthorized;
            return;
        }

        if (!kept.IsPrimary(address, _signature?.Key))
        {
            writer.Code = ResponseCode.Refused;
            return;
        }

        writer.IsAuthoritative = true;
        kept.Notified(NotifiedSerial(request));
    }

    // The SOA record that a primary may send along (RFC 1996, 3.7).
    private static uint? NotifiedSerial(ReadOnlySpan<byte> request)
    {
        var walker = new RecordWalker(request);
        return walker.Next() && walker.Type == RecordType.Soa && walker.Position - walker.DataStart >= 22 ? SerialNumber.Of(request[walker.DataStart..walker.Position]) : null;
    }
}
