namespace Rnn.Api.OpenInference;

/// <summary>The names of a generation's tensors, as its extension of the protocol has them.</summary>
static class Generation
{
    public const string Input = "text_input";
    public const string Output = "text_output";
}
