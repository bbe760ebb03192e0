namespace Rnn.Api.Commands;

/// <summary>Writes rows in aligned columns; numbers to the right.</summary>
static class TextTable
{
    public static void Write(TextWriter output, IReadOnlyList<string[]> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        var widths = rows[0].Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            var cells = row.Select((cell, column) => IsNumber(cell) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            output.WriteLine("  " + string.Join("  ", cells).TrimEnd());
        }
    }

    static bool IsNumber(string cell) => cell.Length > 0 && cell.All(character => char.IsAsciiDigit(character) || character is ',' or '.' or '-' or 'E' or '+');
}
