using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Manifests;

namespace Rnn.Engine.Models;

/// <summary>
/// Which timesteps of an input are skipped, as Keras does with <c>Masking</c> and <c>mask_zero</c>: those of one token, or those
/// at which every feature equals one value. A skipped timestep leaves the state alone, and its output is the one before.
/// </summary>
public sealed class Mask
{
    readonly int? _token;
    readonly float _value;

    Mask(int? token, float value)
    {
        _token = token;
        _value = value;
    }

    /// <summary>The mask of a model; null if it has none.</summary>
    public static Mask? Of(IReadOnlyList<LayerManifest> layers) =>
        layers.OfType<MaskingManifest>().FirstOrDefault() is { } masking ? new Mask(null, masking.Value)
        : layers.OfType<EmbeddingManifest>().Any(embedding => embedding.MaskZero) ? new Mask(0, 0)
        : null;

    /// <summary>The timesteps that are not skipped; null if that is all of them.</summary>
    public int[]? Kept(InputSequence inputs)
    {
        var kept = new List<int>(inputs.Length);
        for (var timestep = 0; timestep < inputs.Length; timestep++)
        {
            if (!Skips(inputs[timestep]))
            {
                kept.Add(timestep);
            }
        }

        return kept.Count == inputs.Length ? null : [.. kept];
    }

    bool Skips(StepInput input) => _token is { } token ? input.Tokens[0] == token : !input.Vectors.ContainsAnyExcept(_value);
}
