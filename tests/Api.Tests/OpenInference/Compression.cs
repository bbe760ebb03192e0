using System.IO.Compression;

namespace Rnn.Api.Tests.OpenInference;

/// <summary>Bodies as a client compresses them.</summary>
static class Compression
{
    public static byte[] Gzip(byte[] bytes) => Through(bytes, to => new GZipStream(to, CompressionLevel.Fastest));

    public static byte[] Deflate(byte[] bytes) => Through(bytes, to => new ZLibStream(to, CompressionLevel.Fastest));

    static byte[] Through(byte[] bytes, Func<Stream, Stream> compressing)
    {
        using var to = new MemoryStream();
        using (var stream = compressing(to))
        {
            stream.Write(bytes);
        }

        return to.ToArray();
    }
}
