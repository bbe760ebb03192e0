using Rnn.Engine.Codecs;
using Rnn.Engine.Models;

namespace Rnn.Engine.Forecasting;

/// <summary>
/// What the features of a forecaster are: targets, which its output continues; features of the calendar, which follow from the time;
/// and covariates, which must be known for the time to come too.
/// </summary>
public sealed class ForecastColumns
{
    ForecastColumns(FeatureCodec input, NumericHead output, IReadOnlyList<int> targets)
    {
        Features = input.Features;
        Output = output;
        Width = input.Size;
        Given = [.. Where(feature => feature.Calendar is null)];
        Calendar = [.. Where(feature => feature.Calendar is not null)];
        Targets = targets;
        Covariates = [.. Given.Except(Targets)];
    }

    /// <summary>The model's features.</summary>
    public IReadOnlyList<Quantity> Features { get; }

    /// <summary>The features that the user gives, in their order: which of <see cref="Features"/> they are.</summary>
    public IReadOnlyList<int> Given { get; }

    /// <summary>Which features the outputs continue, in the order of the outputs.</summary>
    public IReadOnlyList<int> Targets { get; }

    /// <summary>Which of the given features no output continues, in their order.</summary>
    public IReadOnlyList<int> Covariates { get; }

    /// <summary>Which features follow from the time.</summary>
    internal IReadOnlyList<int> Calendar { get; }

    /// <summary>What decodes the outputs.</summary>
    internal NumericHead Output { get; }

    /// <summary>I, the width of an input vector.</summary>
    internal int Width { get; }

    /// <exception cref="EngineException">The model does not forecast.</exception>
    internal static ForecastColumns Of(RecurrentModel model) => model.Forecasts
        ? new((FeatureCodec)model.Input, (NumericHead)model.Output, model.Targets)
        : throw new EngineException(
            ErrorKind.NotSupported,
            $"Model '{model.Name}' does not forecast: that takes numeric features and, of some of them, the next value as output.");

    /// <summary>The names of some features, for a message.</summary>
    internal string NamesOf(IEnumerable<int> features) => string.Join(", ", features.Select(feature => Features[feature].Name));

    IEnumerable<int> Where(Func<Quantity, bool> holds) => Features.Index().Where(item => holds(item.Item)).Select(item => item.Index);
}
