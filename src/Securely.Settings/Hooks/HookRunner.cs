using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Securely.Settings;

/// <summary>Runs the hooks of changes, in their order. A hook that fails keeps no other from running, and the change stays. Thread-safe.</summary>
/// <param name="hooks">The hooks.</param>
/// <param name="tellServer">Sends a message to the running server; null where there is none to tell.</param>
/// <param name="time">The clock of pauses and timeouts; the system's when not given.</param>
/// <param name="handler">Makes the calls; the framework's when not given. It is not disposed of.</param>
public sealed class HookRunner(
    IReadOnlyList<UpdateHook> hooks, Func<SettingsMessage, CancellationToken, Task>? tellServer = null, TimeProvider? time = null, HttpMessageHandler? handler = null)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Runs the hooks that are for one of the changes.</summary>
    /// <param name="file">The file of the settings.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How each hook ended.</returns>
    public async Task<IReadOnlyList<HookResult>> RunAsync(string file, IReadOnlyList<SettingChange> changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var results = new List<HookResult>();
        foreach (var hook in hooks)
        {
            var names = changes.Select(change => change.Name).Where(hook.IsFor).Distinct(StringComparer.Ordinal).ToArray();
            if (names.Length == 0)
                continue;
            var message = new SettingsMessage(Path.GetFullPath(file), names, changes[0].By, changes[0].At);
            if (hook.Command is { } command)
                results.Add(await GuardAsync($"command [{command}]", () => RunCommandAsync(command, hook, message, cancellationToken)));
            if (hook.Url is { } url)
                results.Add(await GuardAsync($"call [{WithoutSecrets(url)}]", () => CallAsync(url, hook, message, cancellationToken)));
            if (hook.TellsServer)
                results.Add(await GuardAsync("message to the server", () => tellServer?.Invoke(message, cancellationToken) ?? throw new SettingsException("no server to tell")));
        }

        return results;
    }

    private static async Task<HookResult> GuardAsync(string name, Func<Task> run)
    {
        try
        {
            await run();
            return new HookResult(name, null);
        }
        catch (Exception error) when (error is SettingsException or HttpRequestException or IOException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return new HookResult(name, error.Message);
        }
    }

    private async Task RunCommandAsync(string command, UpdateHook hook, SettingsMessage message, CancellationToken cancellationToken)
    {
        var start = OperatingSystem.IsWindows() ? new ProcessStartInfo("cmd.exe", ["/c", command]) : new ProcessStartInfo("/bin/sh", ["-c", command]);
        start.RedirectStandardInput = true;
        start.WorkingDirectory = Path.GetDirectoryName(message.File);
        start.Environment["SETTINGS_CHANGED"] = string.Join(' ', message.Changed);
        start.Environment["SETTINGS_FILE"] = message.File;
        using var process = Process.Start(start) ?? throw new SettingsException("it cannot be started");
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(hook.Timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await process.WaitForExitAsync(both.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new SettingsException($"it took longer than {Config.DurationText.Format(hook.Timeout)} and was killed");
        }

        if (process.ExitCode != 0)
            throw new SettingsException(string.Create(null, $"it ended with {process.ExitCode}"));
    }

    private async Task CallAsync(Uri url, UpdateHook hook, SettingsMessage message, CancellationToken cancellationToken)
    {
        using var client = handler is null ? new HttpClient() : new HttpClient(handler, disposeHandler: false);
        client.Timeout = Timeout.InfiniteTimeSpan;
        var body = JsonSerializer.SerializeToUtf8Bytes(message, SettingsJson.Default.SettingsMessage);
        for (var attempt = 0; ; attempt++)
        {
            var reason = await TryCallAsync(client, url, body, hook, cancellationToken);
            if (reason is null)
                return;
            if (attempt >= hook.Retries)
                throw new SettingsException(string.Create(null, $"{reason}, {attempt + 1} times"));
            await Task.Delay(FirstPause * Math.Pow(2, attempt), _time, cancellationToken);
        }
    }

    /// <summary>One try; null when it succeeded. An answer that says that the call itself is wrong is not asked for again.</summary>
    private async Task<string?> TryCallAsync(HttpClient client, Uri url, byte[] body, UpdateHook hook, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(hook.Timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await client.PostAsync(url, content, both.Token);
            var status = (int)response.StatusCode;
            if (status is >= 400 and < 500 and not (408 or 429))
                throw new SettingsException(string.Create(null, $"the answer was {status}"));
            return response.IsSuccessStatusCode ? null : string.Create(null, $"the answer was {status}");
        }
        catch (HttpRequestException error)
        {
            return error.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no answer within {Config.DurationText.Format(hook.Timeout)}";
        }
    }

    private static string WithoutSecrets(Uri url) => url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
