namespace Rnn.Engine.Formats.Onnx;

/// <summary>An input of the graph, and which of its dimensions are time and batch once a recurrent node has told.</summary>
sealed class Input(string name)
{
    Chain? _vectors;

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>The dimension of the timesteps; -1 if it has none, null if that is not known yet.</summary>
    public int? Time { get; private set; }

    /// <summary>Takes what a recurrent node says.</summary>
    /// <exception cref="EngineException">Another node said otherwise.</exception>
    public void IsTime(Node node, int dimension)
    {
        if (Time is { } time && time != dimension)
        {
            throw node.Refusal($"reads dimension {dimension} of '{name}' as time; a node before it reads dimension {time}");
        }

        Time = dimension;
    }

    /// <summary>The input as vectors of so many features; the same chain for every node, so that what they make of it has one trunk.</summary>
    public Chain Of(int width) => _vectors?.Width == width ? _vectors : _vectors = new Chain(this, width);
}
