namespace Securely.Testing;

/// <summary>A real server program that tests may run against: where it is, and how it is started in the foreground.</summary>
public sealed record ExternalProgram
{
    /// <summary>The program's name, such as <c>nginx</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The Debian package that brings it.</summary>
    public required string Package { get; init; }

    /// <summary>The text of its configuration file, given its directory and port.</summary>
    public required Func<ExternalServerSite, string> Configuration { get; init; }

    /// <summary>The arguments that make it run in the foreground with that file.</summary>
    public required Func<ExternalServerSite, IReadOnlyList<string>> Arguments { get; init; }

    /// <summary>nginx with one worker, which keeps everything it writes in the server's directory.</summary>
    /// <param name="server">What stands in its <c>server</c> block after <c>listen</c>, such as <c>location / { return 200 "hello"; }</c>.</param>
    public static ExternalProgram Nginx(string server) => new()
    {
        Name = "nginx",
        Package = "nginx-light",
        Arguments = site => ["-p", site.Directory, "-c", site.ConfigurationFile, "-e", "stderr"],
        Configuration = site => $$"""
            daemon off;
            {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
            worker_processes 1;
            pid {{site.Directory}}/nginx.pid;
            error_log stderr notice;
            events { worker_connections 256; }
            http {
                access_log off;
                client_body_temp_path {{site.Directory}}/client_body;
                proxy_temp_path {{site.Directory}}/proxy;
                fastcgi_temp_path {{site.Directory}}/fastcgi;
                uwsgi_temp_path {{site.Directory}}/uwsgi;
                scgi_temp_path {{site.Directory}}/scgi;
                server {
                    listen 127.0.0.1:{{site.Port}};
                    {{server}}
                }
            }

            """,
    };

    /// <summary>The program's path: from <c>PATH</c>, else from the directories of system programs.</summary>
    /// <exception cref="FileNotFoundException">It is not installed; the message says how to install it. A test never passes without it.</exception>
    public string Find() => Find(Name, Package);

    /// <summary>The path of a program: from <c>PATH</c>, else from the directories of system programs.</summary>
    /// <param name="name">The program's name.</param>
    /// <param name="package">The Debian package that brings it.</param>
    /// <exception cref="FileNotFoundException">It is not installed; the message says how to install it. A test never passes without it.</exception>
    public static string Find(string name, string package)
    {
        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return directories.Concat(["/usr/sbin", "/usr/local/sbin", "/sbin"]).Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"Program [{name}] is not installed; install it with: apt-get install -y {package}");
    }
}

/// <summary>Where one external server runs.</summary>
/// <param name="Directory">Its own temporary directory.</param>
/// <param name="Port">The free port of 127.0.0.1 that it is to listen on.</param>
/// <param name="ConfigurationFile">The path its configuration is written to.</param>
public sealed record ExternalServerSite(string Directory, int Port, string ConfigurationFile);
