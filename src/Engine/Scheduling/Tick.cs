using System.Runtime.InteropServices;
using Rnn.Engine.Codecs;
using Rnn.Engine.Layers;
using Rnn.Engine.Models;

namespace Rnn.Engine.Scheduling;

/// <summary>
/// One batch: the next timesteps of several jobs, run together. All of them take as many timesteps as the one that has the
/// fewest left, so a single step never waits for the rest of a sequence. Its buffers serve one tick after the other.
/// </summary>
sealed class Tick(RecurrentModel model)
{
    /// <summary>
    /// Most timesteps of all jobs together: enough that the products of the inputs run at their peak, few enough that they stay
    /// in a cache and that nobody waits long for the next tick.
    /// </summary>
    public const int MaxRows = 128;

    const int MaxTimesteps = 32;

    readonly List<RecurrentState> _states = [];
    readonly List<int> _reads = [];
    int[] _tokens = [];
    float[] _vectors = [];
    float[] _outputs = [];

    /// <summary>Whose turn it is. At least one when it runs.</summary>
    public List<BatchJob> Jobs { get; } = [];

    /// <summary>Advances the jobs. Some of them are over then.</summary>
    /// <returns>By how many timesteps; 0 if it failed.</returns>
    public int Run()
    {
        try
        {
            var timesteps = Timesteps();
            Gather(timesteps);
            var input = Jobs is [var job] ? job.Inputs.At(job.Position, timesteps) : Join(timesteps);
            model.Run(CollectionsMarshal.AsSpan(_states), timesteps, input, CollectionsMarshal.AsSpan(_reads), _outputs);
            HandOut(timesteps);
            return timesteps;
        }
        catch (Exception exception)                        // a caller awaits each of them; nobody awaits a tick
        {
            Jobs.ForEach(job => job.Fail(exception));
            return 0;
        }
    }

    int Timesteps()
    {
        if (!model.IsCausal)
        {
            return Jobs[0].Left;                           // alone, and as a whole
        }

        var timesteps = Math.Clamp(MaxRows / Jobs.Count, 1, MaxTimesteps);
        foreach (var job in Jobs)
        {
            timesteps = Math.Min(timesteps, job.Left);
        }

        return timesteps;
    }

    void Gather(int timesteps)
    {
        _states.Clear();
        _reads.Clear();
        foreach (var job in Jobs)
        {
            _states.Add(job.State);
        }

        for (var t = 0; t < timesteps; t++)
        {
            for (var row = 0; row < Jobs.Count; row++)
            {
                if (Jobs[row].Reads(Jobs[row].Position + t, model.Output.Size))
                {
                    _reads.Add(t * Jobs.Count + row);
                }
            }
        }

        Grow(ref _outputs, _reads.Count * model.Output.Size);
    }

    /// <summary>The inputs of all jobs for the first timestep, for the second, and so on.</summary>
    StepInput Join(int timesteps)
    {
        var rows = timesteps * Jobs.Count;
        if (model.Input is TokenCodec)
        {
            Grow(ref _tokens, rows);
            for (var row = 0; row < rows; row++)
            {
                var job = Jobs[row % Jobs.Count];
                _tokens[row] = job.Inputs[job.Position + row / Jobs.Count].Tokens[0];
            }

            return StepInput.Of(_tokens.AsSpan(0, rows));
        }

        var width = model.Input.Size;
        Grow(ref _vectors, rows * width);
        for (var row = 0; row < rows; row++)
        {
            var job = Jobs[row % Jobs.Count];
            job.Inputs[job.Position + row / Jobs.Count].Vectors.CopyTo(_vectors.AsSpan(row * width, width));
        }

        return StepInput.Of(_vectors.AsSpan(0, rows * width));
    }

    void HandOut(int timesteps)
    {
        var size = model.Output.Size;
        for (var read = 0; read < _reads.Count; read++)
        {
            var (t, row) = Math.DivRem(_reads[read], Jobs.Count);
            var job = Jobs[row];
            var output = _outputs.AsSpan(read * size, size);
            output.CopyTo(job.OutputOf(job.Position + t, size));
            if (!RecurrentModel.IsFinite(output))
            {
                job.Fail(RecurrentModel.NotFinite());
            }
        }

        foreach (var job in Jobs)
        {
            job.Position += timesteps;
        }
    }

    static void Grow<T>(ref T[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = new T[length];
        }
    }
}
