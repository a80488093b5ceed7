namespace Securely.Dns;

/// <summary>
/// Brings a copy up to date from one primary (RFC 1034, 4.3.5; RFC 1995): 1. changes are asked for, or all of it when there is no copy; 2. a primary
/// that knows no changes is asked for its serial number, and for all of it; 3. so is one whose changes do not fit.
/// </summary>
internal sealed class ZoneRefresh(ZoneKeeper keeper, ManagedZone zone, ZonePeer primary)
{
    /// <summary>Does it.</summary>
    /// <returns>Whether something has changed.</returns>
    /// <exception cref="IOException">The primary cannot be used, or what it sent cannot be saved.</exception>
    internal async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        if (zone.Current is not { } held)
            return await GetAllAsync(cancellationToken).ConfigureAwait(false);
        var reader = await GetChangesAsync(held, cancellationToken).ConfigureAwait(false);
        if (reader is null)
            return await GetAllAsync(cancellationToken).ConfigureAwait(false);
        if (!SerialNumber.IsNewer(SerialNumber.Of(reader.Soa), held.Serial))
        {
            await ConfirmAsync().ConfigureAwait(false);
            return false;
        }

        if (reader.Changes is not { } changes)
            return await TakeAsync(reader).ConfigureAwait(false);
        return await keeper.DoAsync(zone, edit => changes.All(edit!.TryApply)).ConfigureAwait(false) || await GetAllAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task ConfirmAsync() => await keeper.DoAsync(
        zone,
        _ =>
        {
            zone.Confirm(keeper.Now);
            return true;
        },
        isEdit: false).ConfigureAwait(false);

    // Null when all of it has to come.
    private async Task<TransferReader?> GetChangesAsync(Zone held, CancellationToken cancellationToken)
    {
        try
        {
            using var client = await TransferClient.ConnectAsync(primary, keeper, cancellationToken).ConfigureAwait(false);
            return await client.TransferAsync(zone.Name, held.Soa.Records(zone.Name).First(), cancellationToken).ConfigureAwait(false);
        }
        catch (ZoneTransferException error) when (error.Code is ResponseCode.NotImplemented or ResponseCode.Malformed or ResponseCode.Refused)
        {
            // It may be one that never heard of changes; then its serial number says whether all of it is worth getting.
            using var client = await TransferClient.ConnectAsync(primary, keeper, cancellationToken).ConfigureAwait(false);
            var serial = await client.AskSerialAsync(zone.Name, cancellationToken).ConfigureAwait(false);
            if (SerialNumber.IsNewer(serial, held.Serial))
                return null;
            var same = new TransferReader(zone.Name, held.Serial);
            same.Take(new DnsMessage { Answers = [.. held.Soa.Records(zone.Name)] });
            return same;
        }
    }

    private async Task<bool> GetAllAsync(CancellationToken cancellationToken)
    {
        using var client = await TransferClient.ConnectAsync(primary, keeper, cancellationToken).ConfigureAwait(false);
        return await TakeAsync(await client.TransferAsync(zone.Name, null, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task<bool> TakeAsync(TransferReader reader)
    {
        Zone built;
        try
        {
            built = Zone.Build(zone.Name, reader.Records);
        }
        catch (FormatException error)
        {
            throw new ZoneTransferException($"what it sends is no zone: {error.Message}", null, error);
        }

        return await keeper.DoAsync(
            zone,
            _ =>
            {
                zone.Replace(built, keeper.Now);
                return true;
            },
            isEdit: false).ConfigureAwait(false);
    }
}
