using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Compression;

namespace Rnn.Api.OpenInference.Grpc;

/// <summary>
/// A compression that a message may come in. Each is inflated here, as far as an uncompressed one may be large, so that bytes that are none
/// are refused as such: the server's library would answer and log them as a fault of the server.
/// </summary>
/// <param name="compression">The compression.</param>
/// <param name="maxBytes">Most bytes of a message.</param>
sealed class BoundedCompression(ICompressionProvider compression, long maxBytes) : ICompressionProvider
{
    const int BlockSize = 16 << 10;

    public string EncodingName => compression.EncodingName;

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        compression.CreateCompressionStream(stream, compressionLevel);

    public Stream CreateDecompressionStream(Stream stream)
    {
        using var inflating = compression.CreateDecompressionStream(stream);
        var message = new MemoryStream();
        var block = new byte[BlockSize];
        while (Read(inflating, block) is > 0 and var count)
        {
            if (message.Length + count > maxBytes)
            {
                throw new RpcException(new Status(
                    StatusCode.ResourceExhausted, $"The message is larger than {maxBytes} bytes (Server:MaxBodyBytes) once it is decompressed."));
            }

            message.Write(block, 0, count);
        }

        message.Position = 0;
        return message;
    }

    int Read(Stream inflating, byte[] block)
    {
        try
        {
            return inflating.Read(block);
        }
        catch (InvalidDataException exception)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"The message is not the {EncodingName} that it is said to be.", exception));
        }
    }
}
