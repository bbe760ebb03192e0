namespace Rnn.Engine.Models;

/// <summary>How far a version of a model has come.</summary>
public enum ModelState
{
    /// <summary>It is read and checked; nothing of it is served yet.</summary>
    Loading,

    /// <summary>It is served.</summary>
    Ready,

    /// <summary>It was refused, and nothing of it is served.</summary>
    Failed,

    /// <summary>It was served, or could be, and a call has unloaded it.</summary>
    Unloaded,
}
