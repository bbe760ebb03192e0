using System.Diagnostics;
using Rnn.Engine.Prediction;

namespace Rnn.Api.Rest;

/// <summary>Why a generation ended, as replies say it.</summary>
static class FinishReasons
{
    public static string NameOf(FinishReason? finish) => finish switch
    {
        FinishReason.Length => "length",
        FinishReason.Stop => "stop",
        FinishReason.End => "end",
        FinishReason.Pattern => "pattern",
        _ => throw new UnreachableException("The generation has not ended. This is a bug."),
    };
}
