using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Securely.Net;

namespace Securely.Dns;

/// <summary>Answers questions over datagrams and streams from the zones of a catalog.</summary>
/// <remarks>
/// Life of a datagram: 1. a thread of its own reads it, with others; 2. the gate (<see cref="Responder"/>) judges it; 3. the zone answers from a
/// snapshot; 4. the answers of all are sent together. Life of a stream: see <see cref="StreamFront"/>. Shutdown: what has been read is answered.
/// </remarks>
public sealed partial class DnsServer : ListeningService
{
    private const int ReceiveBuffer = 4 * 1024 * 1024;
    private readonly DnsServerOptions _options;
    private readonly List<UdpFront> _fronts = [];
    private readonly List<Responder> _responders = [];
    private Responder[] _counted = [];
    private readonly List<bool> _takesDatagrams = [];
    private CancellationToken _stopping;
    private StreamFront? _streams;
    private volatile ServerState? _state;

    /// <summary>Makes a server; add addresses to it before it runs.</summary>
    /// <param name="catalog">The zones; they may change while it runs.</param>
    /// <param name="options">Defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public DnsServer(Catalog catalog, DnsServerOptions? options = null)
        : base((options ?? new DnsServerOptions()).Name, Listening(options ?? new DnsServerOptions()))
    {
        ArgumentNullException.ThrowIfNull(catalog);
        Catalog = catalog;
        _options = options ?? new DnsServerOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaximumUdpPayload, 512);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_options.MaximumUdpPayload, 4096);
        ArgumentOutOfRangeException.ThrowIfNegative(_options.ResponsesPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegative(_options.Slip);
    }

    /// <summary>The zones.</summary>
    public Catalog Catalog { get; }

    /// <summary>Where it answers datagrams and plain streams, once it runs.</summary>
    public IReadOnlyList<EndPoint> PlainEndPoints => [.. BoundEndPoints.Where((_, index) => _takesDatagrams[index])];

    /// <summary>How many requests it has read, answered or not. Any thread may read it; approximate under load.</summary>
    public long RequestCount => Volatile.Read(ref _counted).Sum(responder => responder.Requests);

    /// <summary>How many answers the limit of answers has dropped. Any thread may read it; approximate under load.</summary>
    public long DroppedCount => Volatile.Read(ref _counted).Sum(responder => responder.Dropped);

    /// <summary>Says how a question would be answered now, and why. Nothing is counted, limited or written down. Any thread may call it.</summary>
    /// <param name="question">The message; it has one question.</param>
    /// <param name="client">Who asks.</param>
    /// <param name="isStream">Whether over a stream, where size does not matter. Default: false.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <returns>The decisions and the answer.</returns>
    /// <exception cref="ArgumentException">There is not one question.</exception>
    public DnsExplanation Explain(DnsMessage question, IPAddress client, bool isStream = false, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(client);
        if (question.Questions.Count != 1)
            throw new ArgumentException("One question is explained at a time.", nameof(question));
        var state = new ServerState(Catalog, _options with { QueryLog = null, ResponsesPerSecond = 0 }, time ?? TimeProvider.System);
        return new QuestionTrace(state).Explain(question, client, isStream);
    }

    /// <summary>Listens on an address for datagrams and streams when the service runs.</summary>
    /// <param name="address"><c>IP:PORT</c>, <c>[IPv6]:PORT</c> or <c>*:PORT</c>, which means every address that the machine has at that moment.</param>
    /// <exception cref="FormatException">It is not an address.</exception>
    public void Add(string address)
    {
        AddTcp(address);
        _takesDatagrams.Add(true);
    }

    /// <summary>Listens on an address for streams inside of TLS (RFC 7858) when the service runs.</summary>
    /// <param name="address"><c>IP:PORT</c>, <c>[IPv6]:PORT</c> or <c>*:PORT</c>.</param>
    /// <param name="tls">The certificates; <c>dot</c> belongs into its protocols.</param>
    /// <exception cref="FormatException">It is not an address.</exception>
    public void AddTls(string address, ServerTls tls)
    {
        base.AddTls(address, tls);
        _takesDatagrams.Add(false);
    }

    /// <summary>Forgets answers of others. Any thread may call it.</summary>
    /// <param name="name">The name whose answers go; null for all.</param>
    /// <param name="withBelow">Whether those of the names below it go too.</param>
    /// <returns>How many there were.</returns>
    public int Flush(DomainName? name = null, bool withBelow = false) => _state?.Recursions.Sum(recursion => recursion.Cache.Flush(name, withBelow)) ?? 0;

    /// <summary>Makes a gate for another kind of stream; null before the server runs. Any thread may call it, one at a time may use it.</summary>
    internal Responder? MakeResponder() => _state is { } state ? new Responder(state, isLimited: false) : null;

    /// <inheritdoc/>
    public override async Task RunAsync(ServiceContext context, CancellationToken shutdown)
    {
        ArgumentNullException.ThrowIfNull(context);
        _options.Keeper?.Load(context.Logger);
        using var ending = new CancellationTokenSource();
        _stopping = ending.Token;
        await using var stopping = shutdown.UnsafeRegister(static self => ((DnsServer)self!).StopFronts(), this).ConfigureAwait(false);
        try
        {
            await base.RunAsync(context, shutdown).ConfigureAwait(false);
        }
        finally
        {
            StopFronts();
            await Task.WhenAll(_fronts.Select(front => front.Ended)).ConfigureAwait(false);
            await StopForwardingAsync(ending).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    protected override ValueTask OnStartedAsync(ServiceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var state = new ServerState(Catalog, _options, context.Time) { Figures = FiguresOf(context) };
        var workers = context.Workers.Workers.Count;
        _streams = new StreamFront(state, workers);
        _responders.AddRange(_streams.Responders);
        foreach (var recursion in state.Recursions)
            recursion.Forwarder = new Forwarder(state, recursion, context.Workers, context.Logger);
        _state = state;
        var isPortable = context.Workers.Poller == PollerKind.Portable;
        foreach (var endPoint in PlainEndPoints.OfType<IPEndPoint>().SelectMany(Expand))
        {
            // Only Linux spreads the clients over several sockets of one address.
            for (var i = 0; i < (OperatingSystem.IsLinux() ? workers : 1); i++)
                AddFront(state, endPoint, workers, isPortable, context.Logger);
        }

        // All at once: somebody may be asking already how many there are.
        Volatile.Write(ref _counted, [.. _responders]);
        foreach (var recursion in state.Recursions)
            recursion.Forwarder!.Start([.. BoundEndPoints.OfType<IPEndPoint>()], _stopping);
        LogServes(context.Logger, string.Join(", ", BoundEndPoints), Catalog.Zones.Count);
        return default;
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    protected override async ValueTask ServeAsync(Connection connection, CancellationToken shutdown)
    {
        ArgumentNullException.ThrowIfNull(connection);
        await _streams!.ServeAsync(connection);
    }

    private DnsFigures? FiguresOf(ServiceContext context)
    {
        if (context.Workers.Options.Metrics is not { } registry)
            return null;
        _options.QueryLog?.ShowIn(registry);
        return new DnsFigures(registry);
    }

    private static ListeningServiceOptions Listening(DnsServerOptions options) => new()
    {
        Threads = options.Threads,
        ConnectionLimit = new ConnectionLimit(Math.Max(options.MaximumStreams, 1)),
    };

    private void AddFront(ServerState state, IPEndPoint endPoint, int threads, bool isPortable, ILogger logger)
    {
        var socket = Bind(endPoint, _options.MaximumUdpPayload);
        var responder = new Responder(state, isLimited: true);
        _responders.Add(responder);
        var front = UdpFront.Create(socket, responder, logger, isPortable);
        _fronts.Add(front);
        front.Start($"{Name}/udp{_fronts.Count - 1}");
    }

    // An answer must come from the address that was asked, so each address has a socket of its own.
    private static IEnumerable<IPEndPoint> Expand(IPEndPoint endPoint)
    {
        if (!endPoint.Address.Equals(IPAddress.Any) && !endPoint.Address.Equals(IPAddress.IPv6Any))
            return [endPoint];
        return NetworkInterface.GetAllNetworkInterfaces()
            .Where(link => link.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
            .SelectMany(link => link.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .Where(address => endPoint.AddressFamily == AddressFamily.InterNetworkV6 || address.AddressFamily == AddressFamily.InterNetwork)
            .Distinct()
            .Select(address => new IPEndPoint(address, endPoint.Port));
    }

    private static Socket Bind(IPEndPoint endPoint, int largestAnswer)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            Tune(socket, largestAnswer);
            socket.Bind(endPoint);
            return socket;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new NetException(NetErrorKind.BindError, $"Cannot listen on [udp:{endPoint}]: {error.Message}", ErrorSource.Internal, error);
        }
    }

    private static void Tune(Socket socket, int largestAnswer)
    {
        socket.ReceiveBufferSize = ReceiveBuffer;
        socket.SendBufferSize = ReceiveBuffer;
        if (!OperatingSystem.IsLinux())
            return;
        const int SocketLevel = 1, ReusePort = 15;
        Span<byte> value = stackalloc byte[4];
        BitConverter.TryWriteBytes(value, 1);
        socket.SetRawSocketOption(SocketLevel, ReusePort, value);
        DatagramSockets.IgnorePathSize(socket, largestAnswer);
    }

    private async Task StopForwardingAsync(CancellationTokenSource ending)
    {
        await ending.CancelAsync().ConfigureAwait(false);
        foreach (var recursion in _state?.Recursions ?? [])
            await recursion.Forwarder!.CloseAsync().ConfigureAwait(false);
    }

    private void StopFronts()
    {
        foreach (var front in _fronts)
            front.Stop();
    }

    [LoggerMessage(4000, LogLevel.Information, "Answers on [{Addresses}] for [{Zones}] zones")]
    private static partial void LogServes(ILogger logger, string addresses, int zones);
}
