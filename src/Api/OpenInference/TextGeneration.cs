using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Rnn.Api.Rest;
using Rnn.Engine;
using Rnn.Engine.Codecs;

namespace Rnn.Api.OpenInference;

/// <summary>Runs the generations of this protocol.</summary>
sealed class TextGeneration(InferenceEngine engine, StateForms states, IOptions<JsonOptions> json, InferenceStatistics statistics)
{
    /// <summary>Begins a generation, which runs as it is told.</summary>
    /// <exception cref="EngineException">It can't be run.</exception>
    public async Task<Call> StartAsync(ModelPath path, GenerateDocument body, CancellationToken aborted)
    {
        var model = path.Get(engine);
        var count = statistics.Count(model.Model);
        try
        {
            if (model.Model.Output is not NextTokenHead)
            {
                throw new EngineException(ErrorKind.NotSupported, $"Model '{path.Model}' does not tell the next token, so it generates no text. It offers infer.");
            }

            var request = body.ToRequest(json.Value.SerializerOptions).OnModel(path.Model, states) with { Version = model.Model.Version };
            return new(model, body.Id, await engine.StartAsync(request, aborted), count);
        }
        catch
        {
            count.Dispose();
            throw;
        }
    }

    /// <summary>A generation under way.</summary>
    public sealed class Call(ModelTensors model, string? id, InferenceRun run, InferenceStatistics.Call count) : IDisposable
    {
        /// <summary>All that is generated.</summary>
        public async Task<GenerateReply> TellAsync(CancellationToken aborted)
        {
            var pieces = await TellPiecesAsync(aborted).Select(piece => piece.TextOutput).ToListAsync(aborted);
            return Reply(string.Concat(pieces));
        }

        /// <summary>What each timestep adds.</summary>
        public async IAsyncEnumerable<GenerateReply> TellPiecesAsync([EnumeratorCancellation] CancellationToken aborted)
        {
            await foreach (var timestep in run.RunAsync(aborted))
            {
                if (timestep is { Choice: 0, Output: Generated { Text.Length: > 0 } generated })
                {
                    yield return Reply(generated.Text);
                }
            }

            run.ExpectFinite();
            count.Succeed(1);
        }

        public void Dispose()
        {
            run.Dispose();
            count.Dispose();
        }

        GenerateReply Reply(string text) => new() { Id = id, ModelName = model.Model.Name, ModelVersion = model.Version, TextOutput = text };
    }
}
