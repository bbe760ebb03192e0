namespace Rnn.Client;

/// <summary>What to show of a network's timesteps.</summary>
public sealed record TraceRequest
{
    /// <summary>Some of hidden, cell, input, forget, output, candidate, reset, update, attention and logits.</summary>
    public IReadOnlyList<string>? Parts { get; init; }

    /// <summary>The layers, named as in the state, such as lstm.0; all if null.</summary>
    public IReadOnlyList<string>? Layers { get; init; }

    /// <summary>The units of each layer, from 0; all if null.</summary>
    public IReadOnlyList<int>? Units { get; init; }

    /// <summary>Whether to sum up all gates and hidden states.</summary>
    public bool? Summary { get; init; }

    /// <summary>Timesteps of this call, from 0: tells the units that differ most between these and the others.</summary>
    public IReadOnlyList<int>? Separate { get; init; }

    /// <summary>How many such units.</summary>
    public int? Top { get; init; }

    /// <summary>Tells at which timesteps the hidden state of <see cref="Units"/> rises above this.</summary>
    public double? RiseAbove { get; init; }

    /// <summary>Tells how an output depends on each input, by its gradient. Not of a generation.</summary>
    public AttributionRequest? Attribute { get; init; }
}

/// <summary>Which output to attribute to the inputs.</summary>
public sealed record AttributionRequest
{
    /// <summary>A label, or a token's text.</summary>
    public string? Label { get; init; }

    /// <summary>Or the index of the network's output; if neither is given, the most probable one, or the first value.</summary>
    public int? Output { get; init; }

    /// <summary>At which timestep of the call, from 0; the last if null.</summary>
    public int? Timestep { get; init; }
}

/// <summary>What a network's timesteps looked like inside.</summary>
public sealed record Trace
{
    /// <summary>The layers, the first one first.</summary>
    public IReadOnlyList<LayerTrace> Layers { get; init; } = [];

    /// <summary>The network's output at each timestep before it is decoded.</summary>
    public IReadOnlyList<IReadOnlyList<float>>? Logits { get; init; }

    /// <summary>What an encoder-decoder's encoder has read in this call, token by token: what attention weighs.</summary>
    public IReadOnlyList<string>? Source { get; init; }

    /// <summary>Gates and hidden states summed up.</summary>
    public IReadOnlyList<TraceSummary>? Summary { get; init; }

    /// <summary>The units that differ most between the timesteps that were named and the others, the most different first.</summary>
    public IReadOnlyList<SeparatingUnit>? Separating { get; init; }

    /// <summary>How the output depends on each input.</summary>
    public Attribution? Attribution { get; init; }

    /// <summary>Where units rise above the threshold.</summary>
    public IReadOnlyList<RisingUnit>? Rises { get; init; }
}

/// <summary>A unit whose hidden state differs between some timesteps and the others.</summary>
public sealed record SeparatingUnit
{
    /// <summary>The layer's name.</summary>
    public string Layer { get; init; } = "";

    /// <summary>The unit, from 0.</summary>
    public int Unit { get; init; }

    /// <summary>Cohen's d; above 0 if the unit is higher at the timesteps that were named.</summary>
    public double Separation { get; init; }

    /// <summary>Its mean at those timesteps.</summary>
    public double Inside { get; init; }

    /// <summary>Its mean at the others.</summary>
    public double Outside { get; init; }
}

/// <summary>Where a unit's hidden state rises above a threshold.</summary>
public sealed record RisingUnit
{
    /// <summary>The layer's name.</summary>
    public string Layer { get; init; } = "";

    /// <summary>The unit, from 0.</summary>
    public int Unit { get; init; }

    /// <summary>The timesteps of the call, from 0.</summary>
    public IReadOnlyList<long> Timesteps { get; init; } = [];
}

/// <summary>What to look for in the hidden states that a session keeps.</summary>
public sealed record UnitRequest
{
    /// <summary>The layers, named as in the state; all if null.</summary>
    public IReadOnlyList<string>? Layers { get; init; }

    /// <summary>Steps of the session that it keeps: tells the units that differ most between these and the others.</summary>
    public IReadOnlyList<long>? Separate { get; init; }

    /// <summary>How many such units.</summary>
    public int? Top { get; init; }

    /// <summary>The units whose rises to tell, from 0.</summary>
    public IReadOnlyList<int>? Units { get; init; }

    /// <summary>Tells at which steps the hidden state of <see cref="Units"/> rises above this.</summary>
    public double? RiseAbove { get; init; }
}

/// <summary>What was found in the hidden states that a session keeps.</summary>
public sealed record UnitReply
{
    /// <summary>The session.</summary>
    public string Session { get; init; } = "";

    /// <summary>The earliest step that was looked at.</summary>
    public long From { get; init; }

    /// <summary>The last one: where the session is.</summary>
    public long Step { get; init; }

    /// <summary>The units that differ most between the steps that were named and the others, the most different first.</summary>
    public IReadOnlyList<SeparatingUnit>? Separating { get; init; }

    /// <summary>Where the units rise above the threshold, by steps of the session.</summary>
    public IReadOnlyList<RisingUnit>? Rises { get; init; }
}

/// <summary>How an output of the network depends on each input: its exact gradient.</summary>
public sealed record Attribution
{
    /// <summary>The index of the output: a logit, or a scaled value.</summary>
    public int Output { get; init; }

    /// <summary>Its label or token.</summary>
    public string? Label { get; init; }

    /// <summary>At which timestep of the call the output is.</summary>
    public int Timestep { get; init; }

    /// <summary>Of each timestep up to it the length of the gradient.</summary>
    public IReadOnlyList<float> Norms { get; init; } = [];

    /// <summary>Of each timestep the input times the gradient.</summary>
    public IReadOnlyList<float> Products { get; init; } = [];

    /// <summary>The gradients themselves, with respect to a token's vector, or to the scaled features.</summary>
    public IReadOnlyList<IReadOnlyList<float>> Gradients { get; init; } = [];
}

/// <summary>A layer over time: of each timestep a number for each unit that was asked for.</summary>
public sealed record LayerTrace
{
    /// <summary>The layer's name.</summary>
    public string Layer { get; init; } = "";

    /// <summary>The hidden state h after each timestep.</summary>
    public IReadOnlyList<IReadOnlyList<float>>? Hidden { get; init; }

    /// <summary>The cell state c of an LSTM after each timestep.</summary>
    public IReadOnlyList<IReadOnlyList<float>>? Cell { get; init; }

    /// <summary>The input gate i of an LSTM.</summary>
    public IReadOnlyList<IReadOnlyList<float>>? Input { get; init; }

    /// <summary>The forget gate f of an LSTM.</summary>
    public IReadOnlyList<IReadOnlyList<float>>? Forget { get; init; }

    /// <summary>The output gate o of an LSTM.</summary>
    public IReadOnlyList<IReadOnlyList<float>>? Output { get; init; }

    /// <summary>The candidate: g of an LSTM, n of a GRU.</summary>
    public IReadOnlyList<IReadOnlyList<float>>? Candidate { get; init; }

    /// <summary>The reset gate r of a GRU.</summary>
    public IReadOnlyList<IReadOnlyList<float>>? Reset { get; init; }

    /// <summary>The update gate z of a GRU.</summary>
    public IReadOnlyList<IReadOnlyList<float>>? Update { get; init; }

    /// <summary>The weights with which a decoder looks at each timestep of its source.</summary>
    public IReadOnlyList<IReadOnlyList<float>>? Attention { get; init; }
}

/// <summary>A part of a layer summed up over timesteps and units.</summary>
public sealed record TraceSummary
{
    /// <summary>The layer's name.</summary>
    public string Layer { get; init; } = "";

    /// <summary>Which part of it.</summary>
    public string Part { get; init; } = "";

    /// <summary>The mean over timesteps and units.</summary>
    public double Mean { get; init; }

    /// <summary>The share of a gate's numbers below 0.05.</summary>
    public double? Closed { get; init; }

    /// <summary>The share of a gate's numbers above 0.95.</summary>
    public double? Open { get; init; }

    /// <summary>The units whose hidden state stays within 0.001 of 0 throughout.</summary>
    public IReadOnlyList<int>? Dead { get; init; }
}
