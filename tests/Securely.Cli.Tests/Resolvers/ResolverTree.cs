using System.Globalization;
using System.Text;

namespace Securely.Cli.Tests.Resolvers;

/// <summary>A directory that stands for a machine, made for one test.</summary>
internal sealed class ResolverTree : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("securely-").FullName;

    public static string Latin(byte[] bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>Makes what the lines say: <c>/path/</c>, <c>/path -> target</c> or <c>/path MODE text</c> with <c>\n</c> for line ends.</summary>
    public ResolverTree Add(params string[] entries)
    {
        foreach (var entry in entries)
        {
            var words = entry.Split(' ', 3);
            var path = Path.Join(Root, words[0]);
            Directory.CreateDirectory(words[0].EndsWith('/') ? path : Path.GetDirectoryName(path)!);
            if (words.Length < 3)
                continue;
            if (words[1] == "->")
            {
                File.CreateSymbolicLink(path, words[2]);
                continue;
            }

            Write(words[0], words[2].Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\r", "\r", StringComparison.Ordinal));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(words[1], 8));
        }

        return this;
    }

    public void Write(string path, string text) => File.WriteAllText(Path.Join(Root, path), text, Encoding.Latin1);

    public string Read(string path) => File.ReadAllText(Path.Join(Root, path), Encoding.Latin1);

    /// <summary>Everything in it, as text.</summary>
    public string Dump()
    {
        var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        Dump(new DirectoryInfo(Root), "", text);
        return text.ToString();
    }

    /// <summary>A command about this tree.</summary>
    public Task<CliRun> RunAsync(params string[] arguments) => CliRun.RunAsync([.. arguments, "--root", Root], Root);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static void Dump(DirectoryInfo directory, string path, StringWriter text)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var name = path + "/" + entry.Name;
            if (entry.LinkTarget is { } target)
            {
                text.WriteLine($"{name} -> {target}");
            }
            else if (entry is DirectoryInfo below)
            {
                text.WriteLine(name + "/");
                Dump(below, name, text);
            }
            else
            {
                text.WriteLine($"{name} {Convert.ToString((int)entry.UnixFileMode, 8).PadLeft(4, '0')}");
                foreach (var line in File.ReadAllText(entry.FullName, Encoding.Latin1).Split('\n'))
                    text.WriteLine("  |" + line.Replace("\r", "\\r", StringComparison.Ordinal));
            }
        }
    }
}
