using Rnn.Engine.Layers;

namespace Rnn.Engine.Prediction;

/// <summary>The last states that a run has passed, for sessions that keep earlier ones.</summary>
/// <param name="capacity">How many states are kept before the one that the run is at; 0 keeps none at all.</param>
sealed class Trail(int capacity)
{
    readonly Queue<RecurrentState> _states = [];

    /// <summary>How many states are kept before the one that the run is at.</summary>
    public int Capacity => capacity;

    /// <summary>Takes a copy of the state that the run is at.</summary>
    public void Add(RecurrentState state)
    {
        if (capacity == 0)
        {
            return;
        }

        _states.Enqueue(state.Copy());
        if (_states.Count > capacity + 1)
        {
            _states.Dequeue();
        }
    }

    /// <summary>The states before a step, the earliest first. They are not kept any longer.</summary>
    public IReadOnlyList<RecurrentState> TakeBefore(long step)
    {
        if (_states.Count == 0)
        {
            return [];
        }

        var before = _states.Where(state => state.Step < step).ToList();
        _states.Clear();
        return before;
    }
}
