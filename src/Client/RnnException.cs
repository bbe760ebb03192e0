using System.Net;

namespace Rnn.Client;

/// <summary>The server refused a call, and says why (RFC 9457).</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="problem">What the server says.</param>
public sealed class RnnException(HttpStatusCode status, Problem problem) : Exception(problem.Detail ?? problem.Title ?? status.ToString())
{
    const string TypePrefix = "urn:rnn:problem:";

    /// <summary>The HTTP status.</summary>
    public HttpStatusCode Status => status;

    /// <summary>The kind of problem, such as <c>invalid-input</c> or <c>session-not-found</c>; docs/errors.md lists them.</summary>
    public string Kind => problem.Type?.StartsWith(TypePrefix, StringComparison.Ordinal) == true ? problem.Type[TypePrefix.Length..] : "";

    /// <summary>The places in the request that are at fault.</summary>
    public IReadOnlyList<ProblemError> Errors => problem.Errors ?? [];
}

/// <summary>A problem document.</summary>
public sealed record Problem
{
    /// <summary>Identifies the kind of problem.</summary>
    public string? Type { get; init; }

    /// <summary>The kind of problem in words.</summary>
    public string? Title { get; init; }

    /// <summary>What was found, and what was expected.</summary>
    public string? Detail { get; init; }

    /// <summary>The places in the request that are at fault.</summary>
    public IReadOnlyList<ProblemError>? Errors { get; init; }
}

/// <summary>One fault in a request.</summary>
/// <param name="Pointer">Where, as a JSON pointer; "" is the whole body.</param>
/// <param name="Detail">What was found, and what was expected.</param>
public sealed record ProblemError(string Pointer, string Detail);
