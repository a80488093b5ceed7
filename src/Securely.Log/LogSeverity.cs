namespace Securely.Log;

/// <summary>How grave a record is: the eight of syslog (RFC 5424), by the numbers that JSON lines carry.</summary>
public enum LogSeverity
{
    /// <summary>For whoever looks for a mistake.</summary>
    Debug = 100,

    /// <summary>Something happened, as it should.</summary>
    Info = 200,

    /// <summary>Something happened that is worth knowing.</summary>
    Notice = 250,

    /// <summary>Something is not as it should be, and it goes on.</summary>
    Warning = 300,

    /// <summary>Something failed.</summary>
    Error = 400,

    /// <summary>A part of the program does not work.</summary>
    Critical = 500,

    /// <summary>Somebody must act at once.</summary>
    Alert = 550,

    /// <summary>Nothing works.</summary>
    Emergency = 600,
}
