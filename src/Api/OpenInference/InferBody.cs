using System.Globalization;
using Microsoft.Net.Http.Headers;
using Rnn.Api.Rest;
using Rnn.Engine;
using Rnn.Engine.Models;

namespace Rnn.Api.OpenInference;

/// <summary>
/// Reads an inference request: JSON; or, if a header tells how much of the body that is, JSON and after it the bytes of its binary
/// inputs. Of no JSON at all, the body is the model's one input.
/// </summary>
static class InferBody
{
    /// <summary>How many bytes of the body are JSON, in requests and replies.</summary>
    public const string LengthHeader = "Inference-Header-Content-Length";

    const string BinaryOutput = "binary_data";
    const string BinaryOutputs = "binary_data_output";

    /// <summary>Content types that a page of another origin may send without asking first.</summary>
    static readonly string[] Simple = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];

    /// <exception cref="EngineException">The request is not what the protocol says.</exception>
    public static async Task<(InferCall Call, Func<string, bool> IsBinary)> ReadAsync(ModelTensors model, string? version, HttpContext http)
    {
        var request = http.Request;
        Expect(request);
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, http.RequestAborted);
        ReadOnlyMemory<byte> body = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        var call = new InferCall
        {
            Model = model.Model.Name,
            Version = version,
            IdempotencyKey = request.Headers[SessionCall.KeyHeader] is [{ } key] ? SessionCall.KeyOf(key) : null,
            ExpectedTag = SessionChange.TagOf(request.Headers[SessionChange.IfMatchHeader]),
        };

        var length = LengthOf(request, body.Length);
        if (length == 0)
        {
            return (call with { Inputs = [RawInput(model.Model, body)] }, _ => true);
        }

        var header = InferHeader.Read(body.Span[..length]);
        var rest = body[length..];
        var inputs = new List<Tensor>();
        foreach (var input in header.Inputs)
        {
            inputs.Add(input.Take(call.Model, ref rest));
        }

        if (rest.Length > 0)
        {
            throw EngineException.Input("/inputs", $"unexpected additional input data for model '{call.Model}'");
        }

        var isBinary = header.Parameters.Flag(BinaryOutputs) ?? false;
        var binary = header.Outputs.DistinctBy(output => output.Name).ToDictionary(output => output.Name, output => output.Parameters.Flag(BinaryOutput) ?? isBinary);
        return (
            call with { Id = header.Id, Parameters = header.Parameters, Inputs = inputs, Outputs = header.Outputs },
            name => binary.GetValueOrDefault(name, isBinary));
    }

    static void Expect(HttpRequest request)
    {
        if (request.Headers.ContentEncoding is [{ Length: > 0 } encoding, ..])
        {
            throw new BadHttpRequestException($"Content-Encoding '{encoding}' is not read; gzip and deflate are.", StatusCodes.Status415UnsupportedMediaType);
        }

        // Clients of this protocol may leave out the content type. A page in a browser, which tells its origin, may not.
        var isTold = MediaTypeHeaderValue.TryParse(request.ContentType, out var type);
        if (isTold ? Simple.Contains(type!.MediaType.Value, StringComparer.OrdinalIgnoreCase) : request.Headers.Origin.Count > 0)
        {
            throw new BadHttpRequestException("Send the body as application/json or application/octet-stream.", StatusCodes.Status415UnsupportedMediaType);
        }
    }

    static int LengthOf(HttpRequest request, int body)
    {
        if (!request.Headers.TryGetValue(LengthHeader, out var text))
        {
            return body;
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var length))
        {
            throw EngineException.Header(LengthHeader, $"Unable to parse {LengthHeader}, got: {text}");
        }

        return length >= 0 && length <= body
            ? (int)length
            : throw EngineException.Header(LengthHeader, $"inference header size should be in range (0, {body}), got: {length}");
    }

    /// <summary>The body as the one input of the model, a batch of one: of numbers or tokens, as many timesteps as there are; else a text.</summary>
    static Tensor RawInput(RecurrentModel model, ReadOnlyMemory<byte> body)
    {
        var input = InputTensors.Of(model);
        if (input.Datatype == Datatype.Bytes)
        {
            return Tensor.Of(InputTensors.Text, [1], [body]);
        }

        var step = input.Datatype.Size * (int)input.Shape.Skip(2).FirstOrDefault(1);
        return body.Length % step == 0
            ? Tensor.Of(input.Name, input.Datatype, [1, body.Length / step, .. input.Shape.Skip(2)], body)
            : throw EngineException.Input(
                $"/{input.Name}", $"unexpected size for input '{input.Name}', expecting {step - body.Length % step} additional bytes for model '{model.Name}': a timestep has {step}");
    }
}
