using Rnn.Engine.Codecs;
using Rnn.Engine.Models;
using Rnn.Engine.Prediction;
using Rnn.Engine.Sessions;

namespace Rnn.Engine;

/// <summary>
/// What a run has applied since its session was last written, for sessions that keep it: what it was given, and of a generation each timestep that
/// it tells, as what is told is what is applied.
/// </summary>
sealed class AppliedInputs
{
    readonly int _width;
    readonly List<int> _tokens = [];
    readonly List<double> _values = [];
    long _taken;

    /// <param name="model">The model that reads them.</param>
    /// <param name="given">What it was given.</param>
    /// <param name="step">The step before that.</param>
    public AppliedInputs(RecurrentModel model, InputSequence given, long step)
    {
        (_width, _taken) = (model.FeatureCount, step);
        if (_width == 0)
        {
            _tokens.AddRange(given.At(0, given.Length).Tokens);
        }

        foreach (var row in given.Rows)
        {
            _values.AddRange(row!);
        }
    }

    int Count => _width == 0 ? _tokens.Count : _values.Count / _width;

    /// <summary>Takes in what is fed back.</summary>
    public void Told(Timestep timestep)
    {
        if (timestep.Choice != 0 || timestep.Step <= _taken + Count)
        {
            return;                                        // of another generation, or what was given, told again
        }

        if (timestep.Output is Generated { Token: { } token })
        {
            _tokens.Add(token);
        }
        else if (timestep.Output is ValueVector vector)
        {
            _values.AddRange(vector.Values.Select(value => (double)value));
        }
    }

    /// <summary>Those up to a step; they are not kept here any longer.</summary>
    public InputRows TakeUpTo(long step)
    {
        var count = (int)(step - _taken);
        var (tokens, values) = (_width == 0 ? count : 0, _width * count);
        var rows = new InputRows(new([.. _tokens[..tokens]]), new([.. _values[..values]]), _width);
        _tokens.RemoveRange(0, tokens);
        _values.RemoveRange(0, values);
        _taken = step;
        return rows;
    }
}
