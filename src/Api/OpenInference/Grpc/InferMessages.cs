using Google.Protobuf;
using Google.Protobuf.Collections;
using Rnn.Api.OpenInference.Grpc.Wire;
using Rnn.Api.Rest;
using Rnn.Engine;
using Choice = Rnn.Api.OpenInference.Grpc.Wire.InferParameter.ParameterChoiceOneofCase;

namespace Rnn.Api.OpenInference.Grpc;

/// <summary>An inference as messages, and as the protocol's core has it.</summary>
static class InferMessages
{
    const string Key = "idempotency_key";
    const string ExpectedStep = "expected_step";

    // What is kept under a key is told again as it was, so a key of gRPC must not find an answer in JSON.
    const string KeyMark = "grpc ";

    const string KeptType = "application/x-protobuf";

    /// <summary>The call that a message asks for.</summary>
    /// <exception cref="EngineException">It is none.</exception>
    public static InferCall ToCall(this ModelInferRequest request)
    {
        var parameters = ReadParameters(request.Parameters);
        return new()
        {
            Model = request.ModelName,
            Version = request.ModelVersion,
            Id = request.Id,
            Parameters = parameters,
            Inputs = TensorMessages.Read(request),
            Outputs = [.. request.Outputs.Select(output => new RequestedOutput(output.Name, ReadParameters(output.Parameters)))],
            IdempotencyKey = parameters.Text(Key) is { } key ? KeyMark + SessionCall.KeyOf(key) : null,
            Keep = reply => (KeptType, reply.ToMessage().ToByteArray()),
        };
    }

    /// <summary>The reply as a message; outputs are always raw, as Triton's are, whatever form the inputs had.</summary>
    public static ModelInferResponse ToMessage(this InferReply reply)
    {
        var response = reply.Answer is { } answer ? ModelInferResponse.Parser.ParseFrom(answer.Body.Span) : NewMessage(reply);
        if (reply.Answer is not null)
        {
            response.Parameters["replayed"] = new InferParameter { BoolParam = true };
        }

        if (reply.Tag is not null)
        {
            response.Parameters["tag"] = new InferParameter { StringParam = reply.Tag };
        }

        return response;
    }

    /// <summary>Whether a message itself says how it is applied once only, so that it may be sent again.</summary>
    public static bool IsSafeTwice(object message) =>
        message is ModelInferRequest request && (request.Parameters.ContainsKey(Key) || request.Parameters.ContainsKey(ExpectedStep));

    static ModelInferResponse NewMessage(InferReply reply)
    {
        var response = new ModelInferResponse { ModelName = reply.Model.Name, ModelVersion = new ModelTensors(reply.Model).Version, Id = reply.Id ?? "" };
        if (reply.Step is { } step)
        {
            response.Parameters["step"] = new InferParameter { Int64Param = step };
        }

        foreach (var output in reply.Outputs)
        {
            response.Outputs.Add(new ModelInferResponse.Types.InferOutputTensor { Name = output.Name, Datatype = output.Datatype.Name, Shape = { output.Shape } });
            response.RawOutputContents.Add(UnsafeByteOperations.UnsafeWrap(output.ToRaw()));       // nobody changes it any more
        }

        return response;
    }

    static Parameters ReadParameters(MapField<string, InferParameter> parameters) =>
        parameters.Count == 0 ? Parameters.None : new(parameters.ToDictionary(parameter => parameter.Key, parameter => Read(parameter.Key, parameter.Value)));

    // Triton takes numbers without a sign for priorities only.
    static object Read(string name, InferParameter parameter) => (parameter.ParameterChoiceCase, name) switch
    {
        (Choice.Uint64Param, "sequence_id") => throw Refused(name, "int64_param or string_param"),
        (Choice.Uint64Param, "timeout") => throw Refused(name, "int64_param"),
        (Choice.BoolParam, _) => parameter.BoolParam,
        (Choice.Int64Param, _) => parameter.Int64Param,
        (Choice.Uint64Param, _) => parameter.Uint64Param,
        (Choice.DoubleParam, _) => parameter.DoubleParam,
        (Choice.StringParam, _) => parameter.StringParam,
        _ => throw Refused(name, "a value"),
    };

    static EngineException Refused(string name, string expected) =>
        EngineException.Input($"/parameters/{name}", $"invalid value type for '{name}' parameter, expected {expected}.");
}
