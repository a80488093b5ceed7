using System.Xml.Linq;

namespace Securely.House.Tests;

/// <summary>One project file: what it references, as far as the layers are concerned.</summary>
internal sealed record Project(string Path, string Name, IReadOnlyList<string> References, IReadOnlyList<string> Packages, IReadOnlyList<string> Frameworks)
{
    /// <summary>Reads a project file; names come without folder and extension.</summary>
    public static Project Parse(string path, string xml)
    {
        var document = XDocument.Parse(xml);
        return new(
            path,
            System.IO.Path.GetFileNameWithoutExtension(path),
            [.. Included(document, "ProjectReference").Select(reference => System.IO.Path.GetFileNameWithoutExtension(reference.Replace('\\', '/')))],
            [.. Included(document, "PackageReference")],
            [.. Included(document, "FrameworkReference")]);
    }

    private static IEnumerable<string> Included(XDocument document, string item) =>
        document.Descendants(item).Select(element => (string?)element.Attribute("Include")).OfType<string>();
}
