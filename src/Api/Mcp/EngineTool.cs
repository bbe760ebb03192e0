using System.Text;
using System.Text.Json;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Rnn.Api.Errors;

namespace Rnn.Api.Mcp;

/// <summary>
/// A tool whose arguments are the body of a native call, with the model or the session beside it, and whose result is the reply. What
/// can't be done is a result too, with the problem document as its text, so that the assistant reads it and can mend the call.
/// </summary>
/// <param name="tool">What assistants are told of it.</param>
/// <param name="takes">What stands beside the body.</param>
/// <param name="call">Makes the native call.</param>
/// <param name="json">The JSON of the native protocol.</param>
sealed class EngineTool<TBody>(Tool tool, Target takes, EngineCall<TBody> call, JsonSerializerOptions json) : McpServerTool
    where TBody : class
{
    readonly ToolArguments<TBody> _arguments = new(tool.InputSchema, takes, json);

    public override Tool ProtocolTool => tool;

    public override IReadOnlyList<object> Metadata => [];

    public override async ValueTask<CallToolResult> InvokeAsync(
        RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken = default)
    {
        try
        {
            var (target, body) = _arguments.Read(request.Params.Arguments);
            return Result(await call(target, body, cancellationToken));
        }
        catch (Exception exception) when (PartProblem.Is(exception))
        {
            var problem = JsonSerializer.Serialize(PartProblem.Of(exception, ""), json);
            return new() { IsError = true, Content = [new TextContentBlock { Text = problem }] };
        }
    }

    static CallToolResult Result(ReadOnlyMemory<byte> document)
    {
        var reader = new Utf8JsonReader(document.Span);
        return new()
        {
            StructuredContent = JsonElement.ParseValue(ref reader),
            Content = [new TextContentBlock { Text = Encoding.UTF8.GetString(document.Span) }],
        };
    }
}

/// <summary>What a call is for: a model, or a session that has one.</summary>
readonly record struct CallTarget(string? Model, string? Session);

/// <summary>Makes a native call.</summary>
/// <returns>The reply as JSON, an object.</returns>
delegate Task<ReadOnlyMemory<byte>> EngineCall<in TBody>(CallTarget target, TBody body, CancellationToken aborted);

/// <summary>What stands beside a body in a tool's arguments.</summary>
enum Target
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The model's name.</summary>
    Model,

    /// <summary>The session's ID.</summary>
    Session,

    /// <summary>One of both.</summary>
    ModelOrSession,
}
