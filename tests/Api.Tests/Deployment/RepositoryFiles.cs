using System.Runtime.CompilerServices;
using YamlDotNet.RepresentationModel;

namespace Rnn.Api.Tests.Deployment;

/// <summary>Files of the repository, found by the path of this one.</summary>
static class RepositoryFiles
{
    public static string PathOf(string file) => Path.GetFullPath(Path.Combine(Here(), "../../..", file));

    public static string TextOf(string file) => File.ReadAllText(PathOf(file));

    public static YamlMappingNode Yaml(string file)
    {
        using var reader = new StreamReader(PathOf(file));
        var stream = new YamlStream();
        stream.Load(reader);
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
