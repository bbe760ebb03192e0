namespace Rnn.Engine.Models;

/// <summary>What is known of one place of the folder, and the model that it gave. Immutable.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Version">Its version; null if its folder's name is none.</param>
/// <param name="Source">Its files; null of a model that was made elsewhere.</param>
sealed record ModelEntry(string Name, int? Version, ModelSource? Source)
{
    /// <summary>What is served; null if nothing is.</summary>
    public RecurrentModel? Model { get; init; }

    /// <summary>How far it has come.</summary>
    public ModelState State { get; init; } = ModelState.Loading;

    /// <summary>Why what was last read was refused; null if it was not.</summary>
    public string? Reason { get; init; }

    /// <summary>Of the files as they were last read, whether it went well or not.</summary>
    public string? Signature { get; init; }

    /// <summary>Whether it was last read when the process started.</summary>
    public bool IsFromStart { get; init; }

    public ModelStatus Status => new(Name, Version, State, Reason);

    /// <summary>Whether it is what is served under a name and version.</summary>
    public bool IsFor(string name, int? version) => Model is not null && Name == name && Version == version;

    /// <summary>With a model in place of the one before.</summary>
    public ModelEntry Served(RecurrentModel model) => this with { Model = model, State = ModelState.Ready, Reason = null };

    /// <summary>Why the files were refused; the model that was read from them before is served on.</summary>
    public ModelEntry Refused(string reason) => this with { State = Model is null ? ModelState.Failed : ModelState.Ready, Reason = reason };

    public ModelEntry Unloaded() => this with { Model = null, State = ModelState.Unloaded, Reason = null };
}
