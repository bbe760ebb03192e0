using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Rnn.Api.Tests;

/// <summary>The files of <c>docs/http</c>: requests that succeed, one after the other.</summary>
static partial class HttpFile
{
    static string Folder => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../docs/http"));

    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.http").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    /// <summary>The requests of a file in their order, each with the name that it has there.</summary>
    public static IEnumerable<(string Name, HttpRequestMessage Request)> RequestsOf(string file, Uri server)
    {
        var parts = File.ReadAllText(Path.Combine(Folder, file)).Split("###");
        var variables = Variable().Matches(parts[0]).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["value"].Value);
        variables["server"] = server.GetLeftPart(UriPartial.Authority);
        foreach (var part in parts.Skip(1))
        {
            var text = part;
            while (Reference().IsMatch(text))
            {
                text = Reference().Replace(text, match => variables[match.Groups["name"].Value]);
            }

            var (name, head, body) = Parts(text);
            var line = head[0].Split(' ', 2);
            var request = new HttpRequestMessage(new HttpMethod(line[0]), line[1]);
            if (body.Length > 0)
            {
                request.Content = new StringContent(body);
                request.Content.Headers.ContentType = null;
            }

            foreach (var header in head.Skip(1).Select(header => header.Split(": ", 2)))
            {
                if (header[0] == "Content-Type")
                {
                    request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(header[1]);
                }
                else
                {
                    request.Headers.TryAddWithoutValidation(header[0], header[1]);
                }
            }

            yield return (name, request);
        }
    }

    static (string Name, string[] Head, string Body) Parts(string text)
    {
        var lines = text.Split('\n');
        var blank = Array.FindIndex(lines, 1, string.IsNullOrWhiteSpace);
        var body = string.Join('\n', lines.Skip(blank + 1)).Trim();
        return (
            lines[0].Trim(),
            lines[1..blank],
            body.StartsWith("< ", StringComparison.Ordinal) ? File.ReadAllText(Path.Combine(Folder, body[2..])) : body);
    }

    static string Here([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"^@(?<name>\w+) = (?<value>.*)$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\{\{(?<name>\w+)\}\}")]
    private static partial Regex Reference();
}
