namespace Rnn.Api.Mcp;

/// <summary>The Model Context Protocol, by which assistants call tools.</summary>
public sealed class McpOptions
{
    /// <summary>Whether it is served, at <c>/mcp</c>.</summary>
    public bool Enabled { get; init; }
}
