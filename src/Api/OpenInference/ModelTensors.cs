using System.Globalization;
using Rnn.Engine;
using Rnn.Engine.Models;

namespace Rnn.Api.OpenInference;

/// <summary>A model in the protocol's terms: found by name and version, with its inputs and outputs as tensors.</summary>
/// <param name="Model">The model.</param>
sealed record ModelTensors(RecurrentModel Model)
{
    /// <summary>What serves it, as metadata names it.</summary>
    public const string Platform = "rnn";

    /// <summary>The model of a name and a version; the one that calls get if that is null or empty.</summary>
    /// <exception cref="EngineException">It is not served.</exception>
    public static ModelTensors Get(VisibleModels models, string name, string? version) => Find(name, version, number => models.Get(name, number));

    /// <summary>The same for an inference: if no version is named, it may be one that gets a share of them.</summary>
    /// <inheritdoc cref="Get"/>
    public static ModelTensors Draw(VisibleModels models, string name, string? version) => Find(name, version, number => models.Draw(name, number));

    /// <summary>Its version as the protocol writes it.</summary>
    public string Version => Model.Version.ToString(CultureInfo.InvariantCulture);

    /// <summary>Its input; one that may be given instead is in <see cref="Properties"/>, so that a client may fill in all of these.</summary>
    public IReadOnlyList<TensorMetadata> Inputs => [InputTensors.Of(Model)];

    /// <summary>Its outputs.</summary>
    public IReadOnlyList<TensorMetadata> Outputs => Model.Encoder is not null
        ? [new(Generation.Output, Datatype.Bytes, [1])]
        : [.. OutputTensor.Of(Model.Output).Select(output => output.Metadata(Model.ReadsLastOnly))];

    /// <summary>What else a client may want to know.</summary>
    public IReadOnlyDictionary<string, string> Properties
    {
        get
        {
            var properties = new Dictionary<string, string> { ["format"] = Model.Format, ["fingerprint"] = Model.Layout.Fingerprint };
            if (InputTensors.InsteadOf(Model) is { } other)
            {
                properties["input_instead"] = $"{other.Name} {other.Datatype} {Tensor.Text(other.Shape)}";
            }

            if (Model.IsCausal && Model.Encoder is null)
            {
                properties["state"] = $"{StateTensor.Name} UINT8 [-1,-1], as an input and as an output, if it is named";
            }

            return properties;
        }
    }

    static ModelTensors Find(string name, string? version, Func<int?, RecurrentModel> find)
    {
        try
        {
            return new(string.IsNullOrEmpty(version)
                ? find(null)
                : int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    ? find(number)
                    : throw new EngineException(ErrorKind.ModelNotFound, $"A version is a number; '{version}' is none."));
        }
        catch (EngineException exception) when (exception.Kind == ErrorKind.ModelNotFound)
        {
            var which = string.IsNullOrEmpty(version) ? "" : $" version {version}";
            throw new EngineException(ErrorKind.ModelNotFound, $"Request for unknown model: '{name}'{which} is not found. {exception.Message}");
        }
    }
}
