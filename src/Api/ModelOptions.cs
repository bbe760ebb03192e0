using System.ComponentModel.DataAnnotations;

namespace Rnn.Api;

/// <summary>Where the models are.</summary>
public sealed class ModelOptions
{
    /// <summary>The folder of the model folders; a relative path starts at the program's own folder.</summary>
    [Required]
    public string Path { get; init; } = "models";

    /// <summary>The folder as an absolute path.</summary>
    public string FullPath => System.IO.Path.Combine(AppContext.BaseDirectory, Path);
}
