namespace Rnn.Engine.Models;

/// <summary>A version of a model that lies in the folder, served or not.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Version">Its version; null if the folder's name is none, which is why it is not served.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Reason">Why it was refused; of one that is served, why its changed files are not. Null if nothing is wrong.</param>
public sealed record ModelStatus(string Name, int? Version, ModelState State, string? Reason);
