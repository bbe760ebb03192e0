using Rnn.Engine;
using StackExchange.Redis;

namespace Rnn.Api.Storage;

/// <summary>What went wrong with Redis, as far as it matters to a caller.</summary>
/// <param name="Kind">What the caller is told it is.</param>
/// <param name="Sentence">The same in words; without addresses or credentials.</param>
/// <param name="IsPassing">Whether it may be over in a moment.</param>
/// <param name="IsUnsure">Whether the command may have been carried out.</param>
sealed record RedisFault(ErrorKind Kind, string Sentence, bool IsPassing, bool IsUnsure)
{
    // A script's error stands behind a minus sign in what older servers say of it, so the words are looked for anywhere.
    static readonly string[] Passing =
        ["LOADING ", "READONLY ", "MASTERDOWN ", "CLUSTERDOWN ", "TRYAGAIN ", "BUSY ", "MISCONF ", "NOREPLICAS "];

    static readonly string[] Refusals = ["NOAUTH ", "WRONGPASS ", "NOPERM ", "The user executing the script "];

    static readonly RedisFault Full = new(
        ErrorKind.StoreFull, "The store of the sessions has no memory left.", IsPassing: false, IsUnsure: false);

    static readonly RedisFault Refused = Unavailable(
        "The store of the sessions refuses this server: its user or password is missing, wrong, or lacks a permission.", isPassing: false);

    /// <summary>The fault behind an exception; null if it has nothing to do with Redis.</summary>
    public static RedisFault? Of(Exception exception) => exception switch
    {
        RedisServerException server => OfAnswer(server.Message),
        RedisConnectionException connection => OfConnection(connection),
        RedisTimeoutException => Unavailable("The store of the sessions does not answer.", isPassing: true, isUnsure: true),
        RedisException or RedisCommandException or ObjectDisposedException =>
            Unavailable("The store of the sessions can't be used.", isPassing: false, isUnsure: true),
        _ => null,
    };

    // What a server answers with an error it has not done; the script has changed nothing where it can fail.
    static RedisFault OfAnswer(string message)
    {
        if (message.Contains("OOM command not allowed", StringComparison.Ordinal))
        {
            return Full;
        }

        if (Refusals.Any(word => message.Contains(word, StringComparison.Ordinal)))
        {
            return Refused;
        }

        var passing = Array.Find(Passing, word => message.Contains(word, StringComparison.Ordinal));
        return passing is null
            ? Unavailable("The store of the sessions answers with an error.", isPassing: false)
            : Unavailable($"The store of the sessions can't serve at the moment: {passing.TrimEnd()}.", isPassing: true);
    }

    static RedisFault OfConnection(RedisConnectionException exception)
    {
        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure }
                || Refusals.Any(word => inner.Message.Contains(word, StringComparison.Ordinal)))
            {
                return Refused;
            }
        }

        // Both: a command that was written when its connection broke may still be marked as waiting.
        var wasNotSent = exception.FailureType == ConnectionFailureType.UnableToResolvePhysicalConnection
            && exception.CommandStatus == CommandStatus.WaitingToBeSent;
        return Unavailable("The store of the sessions can't be reached.", isPassing: true, isUnsure: !wasNotSent);
    }

    static RedisFault Unavailable(string sentence, bool isPassing, bool isUnsure = false) =>
        new(ErrorKind.StoreUnavailable, sentence, isPassing, isUnsure);
}
