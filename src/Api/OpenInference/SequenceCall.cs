using System.Globalization;
using Rnn.Engine;
using Rnn.Engine.Models;
using Rnn.Engine.Sessions;

namespace Rnn.Api.OpenInference;

/// <summary>
/// Which sequence a call belongs to. A sequence is a session: of a string, under that ID; of a number, under <c>~</c> and its
/// digits, which no string of this protocol may be, so that "42" and 42 are two.
/// </summary>
/// <param name="Session">The session's ID.</param>
/// <param name="Name">The sequence as its client calls it.</param>
/// <param name="Starts">Whether it begins with this call.</param>
/// <param name="Ends">Whether it ends with this call.</param>
/// <param name="ExpectedTag">Where it must be; null for anywhere.</param>
sealed record SequenceCall(string Session, string Name, bool Starts, bool Ends, string? ExpectedTag)
{
    const char NumberMark = '~';

    /// <summary>The sequence of a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="model">The model that it names. Only one that is causal keeps a state; to the others a sequence of no name is none.</param>
    /// <returns>Null if it belongs to none.</returns>
    /// <exception cref="EngineException">A parameter can't be read, or there is no such sequence.</exception>
    public static SequenceCall? Of(InferCall call, RecurrentModel model)
    {
        var parameters = call.Parameters;
        parameters.Count("priority");                      // read, so that it is refused if it is none; every call is served in its turn
        parameters.Count("timeout");
        var (starts, ends) = (parameters.Flag("sequence_start") ?? false, parameters.Flag("sequence_end") ?? false);
        var expected = TagOf(parameters.Find("expected_step")) ?? call.ExpectedTag;
        if (IdOf(parameters.Find("sequence_id")) is not { } id)
        {
            var isAsked = starts || ends || expected is not null || parameters.Find("sequence_id") is not null;
            return model.IsCausal && isAsked
                ? throw EngineException.Input(
                    "/parameters/sequence_id", $"inference request to model '{model.Name}' must specify a non-zero or non-empty correlation ID")
                : null;
        }

        return starts && expected is not null
            ? throw EngineException.Input("/parameters/expected_step", "A sequence that starts is nowhere yet; leave out expected_step and If-Match.")
            : new(id, id.TrimStart(NumberMark), starts, ends, expected);
    }

    /// <summary>Says in the protocol's terms that there is no such session.</summary>
    public EngineException NotStarted(RecurrentModel model) => new(
        ErrorKind.SessionNotFound,
        $"inference request for sequence {Name} to model '{model.Name}' must specify the START flag on the first request of the sequence",
        "/parameters/sequence_id");

    static string? IdOf(object? id) => id switch
    {
        null or "" or 0L or 0UL => null,
        ulong number => string.Create(CultureInfo.InvariantCulture, $"{NumberMark}{number}"),
        long number and > 0 => string.Create(CultureInfo.InvariantCulture, $"{NumberMark}{number}"),
        string text when SessionId.IsValid(text) && !IsNumbered(text) => text,
        string => throw Parameters.Unreadable(
            "sequence_id", $"a string has {SessionId.Rule}, nor {NumberMark} and digits, or a whole number from 1"),
        _ => throw Parameters.Unreadable("sequence_id", "a string or a whole number from 1"),
    };

    static bool IsNumbered(string text) => text is [NumberMark, .. var digits] && digits.All(char.IsAsciiDigit);

    static string? TagOf(object? step) => step switch
    {
        null => null,
        long or ulong => string.Create(CultureInfo.InvariantCulture, $"{step}"),
        string { Length: > 0 } tag => tag,
        _ => throw Parameters.Unreadable("expected_step", "a step, such as 41 or \"41.1\""),
    };
}
