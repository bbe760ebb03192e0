namespace Rnn.Engine.Sessions;

/// <summary>
/// A list that stays as it is and yet is continued cheaply: what is appended goes behind it into the same array, unless something else
/// did before; then, or if there is no room, it is copied. Thread-safe.
/// </summary>
/// <typeparam name="T">What it holds.</typeparam>
public sealed class GrowingList<T>
{
    readonly Room _room;

    /// <param name="items">What it holds; kept, not copied.</param>
    public GrowingList(T[] items)
        : this(new Room(items, items.Length), items.Length)
    {
    }

    GrowingList(Room room, int count) => (_room, Count) = (room, count);

    /// <summary>How many it holds.</summary>
    public int Count { get; }

    /// <summary>What it holds.</summary>
    public ReadOnlyMemory<T> Items => _room.Items.AsMemory(0, Count);

    int Capacity => _room.Items.Length;

    /// <summary>This one and what follows it.</summary>
    public GrowingList<T> Append(ReadOnlyMemory<T> more)
    {
        if (more.IsEmpty)
        {
            return this;
        }

        var count = Count + more.Length;
        if (count <= Capacity && Interlocked.CompareExchange(ref _room.Used, count, Count) == Count)
        {
            more.CopyTo(_room.Items.AsMemory(Count));
            return new(_room, count);
        }

        var items = new T[Math.Max(count, 2 * Count)];
        Items.CopyTo(items);
        more.CopyTo(items.AsMemory(Count));
        return new(new Room(items, count), count);
    }

    /// <summary>The first of them. If they are but a few, they get an array of their own: a large one is not held for their sake.</summary>
    public GrowingList<T> First(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)Count);
        return 2 * count < Capacity ? new(_room.Items[..count]) : new(_room, count);
    }

    /// <summary>An array, and how much of it is taken by the list that was continued last.</summary>
    sealed class Room(T[] items, int used)
    {
        public int Used = used;

        public T[] Items => items;
    }
}
