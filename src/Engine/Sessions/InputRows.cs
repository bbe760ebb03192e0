namespace Rnn.Engine.Sessions;

/// <summary>
/// Inputs in the user's terms, so that they mean the same to weights that were trained with another scaling. Immutable.
/// </summary>
/// <param name="Tokens">A token's index for each timestep; empty if the model reads features.</param>
/// <param name="Values">The features of one timestep after the other, in their own units; empty if the model reads tokens.</param>
/// <param name="Width">How many features a timestep has; 0 if the model reads tokens.</param>
public sealed record InputRows(GrowingList<int> Tokens, GrowingList<double> Values, int Width)
{
    /// <summary>How many timesteps they are.</summary>
    public int Count => Width == 0 ? Tokens.Count : Values.Count / Width;

    /// <summary>About how many bytes of memory they take.</summary>
    internal long Bytes => sizeof(int) * (long)Tokens.Count + sizeof(double) * (long)Values.Count;

    /// <summary>How many bytes one timestep takes.</summary>
    internal static long BytesOf(int width) => width == 0 ? sizeof(int) : (long)sizeof(double) * width;

    internal static InputRows None(int width) => new(new([]), new([]), width);

    internal InputRows Then(InputRows more) => new(Tokens.Append(more.Tokens.Items), Values.Append(more.Values.Items), Width);

    internal InputRows First(int count) => Width == 0 ? this with { Tokens = Tokens.First(count) } : this with { Values = Values.First(count * Width) };
}
