namespace Rnn.Engine.Models;

/// <summary>Who changes what is served while it is.</summary>
public enum ModelControl
{
    /// <summary>Nobody: what is there at the start stays.</summary>
    None,

    /// <summary>The folder: what appears, changes or goes there is followed.</summary>
    Poll,

    /// <summary>Calls that load and unload.</summary>
    Explicit,
}
