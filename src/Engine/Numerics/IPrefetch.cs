namespace Rnn.Engine.Numerics;

/// <summary>What a product fetches ahead of its use. A type parameter; a prefetch beyond the weights does nothing.</summary>
interface IPrefetch
{
    /// <summary>One row reads the weights faster than they come: how many bytes ahead of them to fetch.</summary>
    static abstract int Ahead { get; }

    /// <summary>Whether tiles, which read a panel again and again from a near cache, fetch the next panel, a line with each input.</summary>
    static abstract bool FetchesNextPanel { get; }
}

/// <summary>For weights that stay in a cache between two steps.</summary>
readonly struct CachedPrefetch : IPrefetch
{
    public static int Ahead => 4096;

    public static bool FetchesNextPanel => false;
}

/// <summary>For weights that come from afar at every step.</summary>
readonly struct StreamedPrefetch : IPrefetch
{
    public static int Ahead => 16384;

    public static bool FetchesNextPanel => true;
}
