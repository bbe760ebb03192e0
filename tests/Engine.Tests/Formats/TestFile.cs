using System.Text.Json;

namespace Rnn.Engine.Tests.Formats;

/// <summary>The files under <c>Files</c>.</summary>
static class TestFile
{
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Files", name);

    public static byte[] Bytes(string name) => File.ReadAllBytes(PathOf(name));

    public static T Json<T>(string name) => JsonSerializer.Deserialize<T>(Bytes(name), JsonSerializerOptions.Web)!;
}
