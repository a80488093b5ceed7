using System.Globalization;

namespace Securely.Validation;

/// <summary>Rules about uploaded files. Types come from the bytes; only <c>extensions</c> believes the name.</summary>
internal static class FileRules
{
    private static readonly string[] Scripts = ["php", "php3", "php4", "php5", "php7", "php8", "phtml", "phar"];
    private static readonly string[] Images = ["jpg", "jpeg", "png", "gif", "bmp", "webp", "avif", "heic", "heif"];

    public static readonly RuleDefinition[] All =
    [
        new() { Name = "file", Check = context => context.Value.AsUpload is not null, Traits = RuleTraits.File },
        new() { Name = "extensions", Check = HasExtension, Traits = RuleTraits.File },
        new() { Name = "mimes", CheckAsync = IsOfExtensionAsync, Traits = RuleTraits.File },
        new() { Name = "mimetypes", CheckAsync = IsOfMediaTypeAsync, Traits = RuleTraits.File },
        new() { Name = "image", CheckAsync = IsImageAsync, Traits = RuleTraits.File },
        new() { Name = "dimensions", CheckAsync = HasDimensionsAsync, MinimumParameters = 1, Traits = RuleTraits.File, Prepare = ImageBounds.Read },
    ];

    private static bool HasExtension(RuleContext context) =>
        context.Value.AsUpload is { } upload && !IsScript(upload, context.Parameters)
        && context.Parameters.Any(extension => string.Equals(extension, upload.Extension, StringComparison.Ordinal));

    private static ValueTask<bool> IsOfExtensionAsync(RuleContext context, CancellationToken cancellationToken) =>
        IsOfExtensionAsync(context, context.Parameters, cancellationToken);

    private static ValueTask<bool> IsImageAsync(RuleContext context, CancellationToken cancellationToken) =>
        IsOfExtensionAsync(context, context.Parameters.Contains("allow_svg", StringComparer.Ordinal) ? [.. Images, "svg"] : Images, cancellationToken);

    private static async ValueTask<bool> IsOfExtensionAsync(RuleContext context, IReadOnlyList<string?> extensions, CancellationToken cancellationToken)
    {
        if (context.Value.AsUpload is not { } upload || IsScript(upload, extensions))
            return false;
        var type = MediaTypes.Sniff(await upload.HeadAsync(cancellationToken).ConfigureAwait(false), upload.Length);
        var guessed = MediaTypes.ExtensionOf(type);
        return guessed is not null
            && (extensions.Contains(guessed, StringComparer.Ordinal) || (guessed == "jpg" && extensions.Contains("jpeg", StringComparer.Ordinal)));
    }

    private static async ValueTask<bool> IsOfMediaTypeAsync(RuleContext context, CancellationToken cancellationToken)
    {
        if (context.Value.AsUpload is not { } upload || IsScript(upload, context.Parameters))
            return false;
        var type = MediaTypes.Sniff(await upload.HeadAsync(cancellationToken).ConfigureAwait(false), upload.Length);
        return context.Parameters.Contains(type, StringComparer.Ordinal)
            || context.Parameters.Contains(type.Split('/')[0] + "/*", StringComparer.Ordinal);
    }

    /// <summary>A file that a web server might run is refused unless it is asked for.</summary>
    private static bool IsScript(Upload upload, IReadOnlyList<string?> allowed) =>
        !allowed.Contains("php", StringComparer.Ordinal) && Scripts.Contains(upload.Extension.Trim(), StringComparer.Ordinal);

    private static async ValueTask<bool> HasDimensionsAsync(RuleContext context, CancellationToken cancellationToken)
    {
        if (context.Value.AsUpload is not { } upload)
            return false;
        var head = await upload.HeadAsync(cancellationToken).ConfigureAwait(false);
        if (MediaTypes.Sniff(head, upload.Length) == "image/svg+xml")
            return true;
        return ImageHeader.TryRead(head.Span, out var width, out var height) && ((ImageBounds)context.Use.Prepared!).Allow(width, height);
    }

    /// <summary>What <c>dimensions</c> asks for: pixels and ratios of width to height.</summary>
    private sealed class ImageBounds
    {
        private readonly Dictionary<string, double> _bounds = new(StringComparer.Ordinal);

        public static void Read(RuleUse use)
        {
            var bounds = new ImageBounds();
            foreach (var parameter in use.Parameters)
            {
                var parts = (parameter ?? "").Split('=', 2);
                if (parts[0].Trim() is not ("width" or "height" or "min_width" or "min_height" or "max_width" or "max_height" or "ratio" or "min_ratio" or "max_ratio")
                    || parts.Length < 2 || Number(parts[1]) is not { } number)
                    throw new RuleException($"Rule [dimensions] cannot use [{parameter}]; write width=, height=, min_width=, max_height=, ratio=3/2 ... with a number");
                bounds._bounds[parts[0].Trim()] = number;
            }

            use.Prepared = bounds;
        }

        public bool Allow(int width, int height)
        {
            var ratio = (double)width / height;
            var precision = 1 / (Math.Max((width + height) / 2.0, height) + 1);
            return _bounds.All(bound => bound.Key switch
            {
                "width" => width == bound.Value,
                "height" => height == bound.Value,
                "min_width" => width >= bound.Value,
                "max_width" => width <= bound.Value,
                "min_height" => height >= bound.Value,
                "max_height" => height <= bound.Value,
                "min_ratio" => bound.Value - ratio <= precision,
                "max_ratio" => ratio - bound.Value <= precision,
                _ => Math.Abs(bound.Value - ratio) <= precision,
            });
        }

        private static double? Number(string text)
        {
            var parts = text.Split('/', 2);
            if (!double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var above))
                return null;
            var below = 1.0;
            if (parts.Length > 1 && (!double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out below) || below == 0))
                return null;
            return above / below;
        }
    }
}
