namespace Rnn.Api.Tests.Faults;

/// <summary>What a client talks to: a server, or what stands in front of several.</summary>
interface IEndpoint
{
    /// <summary>Where it listens.</summary>
    Uri Address { get; }

    /// <summary>The last lines of its log.</summary>
    string Log { get; }
}
