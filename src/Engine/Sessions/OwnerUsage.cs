namespace Rnn.Engine.Sessions;

/// <summary>What the sessions of one owner take.</summary>
/// <param name="Sessions">How many there are.</param>
/// <param name="Bytes">What they take in the store, if that can tell; else 0.</param>
public readonly record struct OwnerUsage(long Sessions, long Bytes);
