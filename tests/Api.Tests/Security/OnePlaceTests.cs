using System.Runtime.CompilerServices;

namespace Rnn.Api.Tests.Security;

/// <summary>What keeps callers apart lies below every protocol; a protocol that went past it would not notice.</summary>
public sealed class OnePlaceTests
{
    static readonly string[] MayKnowAll = ["EngineHost.cs", "EngineStart.cs", "ModelPoll.cs", "Observability", "Storage"];

    [Theory]
    [InlineData("ModelCatalog")]
    [InlineData("ISessionStore")]
    public void Protocols_use_nothing_that_does_not_ask_who_calls(string type)
    {
        var files = Directory.EnumerateFiles(Source(), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Source(), file))
            .Where(file => !MayKnowAll.Contains(file.Split(Path.DirectorySeparatorChar)[0]) && !file.StartsWith("obj", StringComparison.Ordinal) && !file.StartsWith("bin", StringComparison.Ordinal))
            .ToList();

        Assert.True(files.Count > 50);
        Assert.All(files, file => Assert.DoesNotContain(type, File.ReadAllText(Path.Combine(Source(), file)), StringComparison.Ordinal));
    }

    static string Source([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../../src/Api"));
}
