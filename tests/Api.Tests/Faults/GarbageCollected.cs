namespace Rnn.Api.Tests.Faults;

/// <summary>What is left when everything that can be freed is.</summary>
/// <param name="Total">The bytes of all objects that are still in use.</param>
/// <param name="Small">
/// Those of all but large arrays. These are the engine's pool: it grows with the largest batches that came together by chance, and
/// then stays.
/// </param>
readonly record struct GarbageCollected(long Total, long Small)
{
    const int Generations = 3;

    public static GarbageCollected Now()
    {
        // Twice: what the first leaves to finalizers, the second frees.
        for (var time = 0; time < 2; time++)
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        var small = 0L;
        foreach (var generation in GC.GetGCMemoryInfo(GCKind.FullBlocking).GenerationInfo[..Generations])
        {
            small += generation.SizeAfterBytes - generation.FragmentationAfterBytes;
        }

        return new(GC.GetTotalMemory(forceFullCollection: false), small);
    }

    public override string ToString() => $"{Total:N0} bytes ({Small:N0} in small objects)";
}
